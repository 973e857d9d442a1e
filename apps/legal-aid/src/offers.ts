import type { Offer } from '@opora/contracts';

/** What an agency that runs legal aid offers. */
export const offers = ({ agency }: { agency: string }): Offer[] => [
  {
    code: 'legal-consultation', agency, titles: { en: 'Legal advice', ru: 'Юридическая консультация' }, needs: ['legal', 'housing', 'income', 'safety'],
    availability: 'open', cost: { amount: 0, currency: 'RUB' }, waitingDays: 3,
    requiredDocuments: [{ en: 'Identity document, if there is one', ru: 'Документ, удостоверяющий личность, если он есть' }],
    languages: ['ru', 'en'], accessibility: ['wheelchair', 'remote'],
  },
  {
    code: 'court-representation', agency, titles: { en: 'Representation in court', ru: 'Представительство в суде' }, needs: ['legal', 'housing'],
    eligibility: { en: 'Entitled to free legal aid', ru: 'Право на бесплатную юридическую помощь' },
    availability: 'waitlist', cost: { amount: 0, currency: 'RUB' }, waitingDays: 14,
    requiredDocuments: [{ en: 'Identity document', ru: 'Документ, удостоверяющий личность' }, { en: 'Papers of the dispute', ru: 'Документы по спору' }],
    languages: ['ru'], accessibility: ['wheelchair'],
  },
];

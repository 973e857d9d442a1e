import { Type, type Static } from 'typebox';
import { contract } from './contract.js';
import { topics } from './topics.js';
import { Agency, At, DataClass, Id, Version, closed } from './values.js';

/** `referral`: the person may be referred to the recipients. `coordination`: the recipients may read the person's plan entries. */
export const Purpose = Type.Enum(['referral', 'coordination']);
export type Purpose = Static<typeof Purpose>;

/** GDPR art. 6(1) and 9(2) grounds under plain names; consent is one ground of several. */
export const LegalBasis = Type.Enum(['consent', 'contract', 'legal-obligation', 'vital-interests', 'public-task']);
export type LegalBasis = Static<typeof LegalBasis>;

export const ConsentTerms = Type.Object({
  consentId: Id,
  status: Type.Enum(['requested', 'given', 'refused', 'withdrawn', 'entered-in-error']),
  purpose: Purpose,
  recipients: Type.Array(Agency, { minItems: 1 }),
  dataClasses: Type.Array(DataClass, { minItems: 1 }),
  legalBasis: LegalBasis,
  from: At,
  until: Type.Optional(At),
}, closed);
export type ConsentTerms = Static<typeof ConsentTerms>;

export const ConsentState = Type.Object({
  clientId: Id,
  version: Version,
  recordedAt: At,
  consents: Type.Array(ConsentTerms),
  aliases: Type.Array(Id, { description: 'Ids of records merged into this one' }),
}, closed);
export type ConsentState = Static<typeof ConsentState>;

/** Key: the clientId. A null value erases the person everywhere. */
export const consentsChanged = contract(topics.consents, 'opora.consents.changed', '1.0.0', ConsentState,
  'A person’s whole consent state');

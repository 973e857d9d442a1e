import { Type, type Static } from 'typebox';
import { contract } from './contract.js';
import { topics } from './topics.js';
import { Agency, At, DataClass, Id, StaffId, Version, closed } from './values.js';

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

/** The sealed record of one person was opened to one worker, for a while and with a reason (which stays in intake). */
export const Opening = Type.Object({ openingId: Id, subject: StaffId, agency: Agency, from: At, until: At }, closed);
export type Opening = Static<typeof Opening>;

export const ConsentState = Type.Object({
  clientId: Id,
  version: Version,
  recordedAt: At,
  consents: Type.Array(ConsentTerms),
  aliases: Type.Array(Id, { description: 'Ids of records merged into this one' }),
  team: Type.Optional(Type.Array(StaffId, { maxItems: 200, description: 'Who of the staff cares for the person: it is in their caseload' })),
  barred: Type.Optional(Type.Object({
    subjects: Type.Array(StaffId, { maxItems: 50, description: 'Workers and representatives, as their tokens name them' }),
    clients: Type.Array(Id, { maxItems: 50, description: 'People who are clients themselves' }),
  }, { ...closed, description: 'Who must never learn anything about the person, whatever role they have' })),
  hidden: Type.Optional(Type.Boolean({ description: 'Found only by those who care for the person' })),
  openings: Type.Optional(Type.Array(Opening, { maxItems: 50, description: 'Break-glass that is open now or was lately' })),
  erasing: Type.Optional(Type.String({ ...Id, description: 'The erasure of the person that was confirmed: no request for another one counts' })),
  key: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9_-]{43}$', description: 'The person’s own key, 256 bits in base64url: what cannot be deleted in place is sealed with it and becomes unreadable when it goes' })),
}, closed);
export type ConsentState = Static<typeof ConsentState>;

/** Key: the clientId. A null value erases the person everywhere. */
export const consentsChanged = contract(topics.consents, 'opora.consents.changed', '1.1.0', ConsentState,
  'A person’s whole consent state, and what else decides who may see them');

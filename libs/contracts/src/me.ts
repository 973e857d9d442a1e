import { Type, type Static } from 'typebox';
import { At, Code, Date, Id, closed } from './values.js';

/** `GET /v1/<module>/me/consents`, with the person's own token and language: what was agreed or decided about sharing, in plain words, newest first. */
export const MyConsentsAnswer = Type.Object({
  items: Type.Array(Type.Object({
    consentId: Id,
    status: Code,
    holds: Type.Boolean({ description: 'Whether anything is shared because of it now' }),
    title: Type.String({ maxLength: 200 }),
    words: Type.Array(Type.String({ maxLength: 12_000 }), { maxItems: 20, description: 'Sentences in the language that was asked for' }),
    from: At,
    until: Type.Optional(At),
    receipt: Type.String({ maxLength: 200, pattern: '^/v1/[a-z0-9/-]+$', description: 'Path of the receipt' }),
  }, closed), { maxItems: 1000 }),
}, closed);
export type MyConsentsAnswer = Static<typeof MyConsentsAnswer>;

/** `GET /v1/<module>/objections`, with the person's own token. Every service answers it, so no manifest lists it. */
export const MyObjection = Type.Object({
  id: Id, clientId: Id, about: Id,
  status: Type.Enum(['recorded', 'answered', 'withdrawn']),
  text: Type.String({ maxLength: 4000 }),
  recordedAt: At,
  dueOn: Date,
  overdue: Type.Boolean(),
  answer: Type.Optional(Type.Object({ outcome: Type.Enum(['upheld', 'partly-upheld', 'declined']), text: Type.String({ maxLength: 4000 }), at: At }, closed)),
}, closed);
export type MyObjection = Static<typeof MyObjection>;

export const MyObjectionsAnswer = Type.Object({ items: Type.Array(MyObjection, { maxItems: 200 }), next: Type.Optional(Type.String({ maxLength: 400 })) }, closed);
export type MyObjectionsAnswer = Static<typeof MyObjectionsAnswer>;

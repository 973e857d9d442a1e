import { Type, type Static } from 'typebox';
import { Id, closed } from './values.js';

/** `POST /v1/<module>/clients:display`, with the reader's own token: names for the people in the reader's care. */
export const ClientsDisplayRequest = Type.Object({ ids: Type.Array(Id, { minItems: 1, maxItems: 200 }) }, closed);
export type ClientsDisplayRequest = Static<typeof ClientsDisplayRequest>;

export const ClientDisplay = Type.Object({
  id: Id,
  shortName: Type.Union([Type.String({ maxLength: 120 }), Type.Null()]),
  age: Type.Union([Type.Integer({ minimum: 0, maximum: 150 }), Type.Null()]),
  contact: Type.Union([
    Type.Object({
      kind: Type.Enum(['phone', 'email', 'messenger', 'post', 'in-person']), value: Type.String({ maxLength: 200 }),
      answeredBy: Type.Optional(Type.Enum(['self', 'trusted-person', 'anyone'], { description: 'To whom anything may be said, if they answer' })),
      maySay: Type.Optional(Type.Enum(['nothing', 'callback-only', 'agency-name', 'anything'], { description: 'What may be said to whoever answers, or left as a message' })),
    }, closed),
    Type.Null(),
  ], { description: 'The way of contact that is permitted at this moment; null when none is' }),
  mergedInto: Type.Optional(Id),
}, closed);
export type ClientDisplay = Static<typeof ClientDisplay>;

export const ClientsDisplayAnswer = Type.Object({ items: Type.Array(ClientDisplay) }, closed);
export type ClientsDisplayAnswer = Static<typeof ClientsDisplayAnswer>;

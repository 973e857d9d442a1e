import { Type, type Static } from 'typebox';
import { Id, closed } from './values.js';

/**
 * `POST /v1/<module>/access-log`, with the person's own token: who looked at the person's record in this module, newest first. Every
 * service answers it, so no manifest lists it; a module that does not know it is asked in vain.
 */
export const AccessLogRequest = Type.Object({
  clientId: Type.Optional(Id),
  cursor: Type.Optional(Type.String({ maxLength: 400, description: 'The `next` of the page before' })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
  before: Type.Optional(Type.String({ pattern: '^\\d{1,18}$', description: 'Only what stands before this `id`' })),
  byOthers: Type.Optional(Type.Boolean({ description: 'Without what the person did' })),
}, closed);
export type AccessLogRequest = Static<typeof AccessLogRequest>;

const Kept = Type.String({ maxLength: 200 });

export const Access = Type.Object({
  id: Type.Optional(Type.String({ pattern: '^\\d{1,18}$', description: 'Its number in the trail of the module' })),
  at: Type.String({ format: 'date-time' }),
  by: Type.Object({ subject: Kept, agency: Kept, roles: Type.Array(Kept) }, closed),
  onBehalfOf: Type.Optional(Kept),
  action: Kept,
  purpose: Kept,
  decision: Type.Enum(['permit', 'deny']),
}, closed);
export type Access = Static<typeof Access>;

export const AccessLogAnswer = Type.Object({ items: Type.Array(Access), next: Type.Optional(Type.String({ maxLength: 400 })) }, closed);
export type AccessLogAnswer = Static<typeof AccessLogAnswer>;

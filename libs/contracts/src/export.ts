import { Type, type Static } from 'typebox';
import { Titles, closed } from './values.js';

const Short = Type.String({ maxLength: 200 });
const Anything = Type.Object({}, { additionalProperties: true });

/**
 * `POST /v1/<module>/export`, with the person's own token: everything that this module keeps about the person. Every service answers it, so
 * no manifest lists it.
 */
export const Exported = Type.Object({
  records: Type.Array(Type.Object({ kind: Short, id: Short, version: Type.Integer(), state: Anything }, closed)),
  facts: Type.Array(Type.Object({
    recordId: Short, sequence: Type.Integer(), type: Short, at: Short, recordedAt: Short, data: Anything, own: Type.Optional(Anything),
  }, closed)),
  entries: Type.Array(Anything, { description: 'Every version of what stood in the plan' }),
  accesses: Type.Array(Type.Object({ at: Short, agency: Short, roles: Type.Array(Short), action: Short, purpose: Short, decision: Short }, closed), { description: 'Who looked, newest first' }),
  leftOut: Type.Array(Type.Object({ what: Titles, why: Titles }, closed), { description: 'What is about others, or could harm the person in the wrong hands' }),
  complete: Type.Boolean({ description: 'False when there is more than fits' }),
}, closed);
export type Exported = Static<typeof Exported>;

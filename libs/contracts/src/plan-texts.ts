import { Type, type Static } from 'typebox';
import { Id, Version, closed } from './values.js';

/** `POST /v1/<module>/plan-texts`, with the reader's own token. What the reader may not see is left out, not refused. */
export const PlanTextsRequest = Type.Object({
  entries: Type.Array(Type.Object({ entryId: Id, version: Version }, closed), { maxItems: 200 }),
}, closed);
export type PlanTextsRequest = Static<typeof PlanTextsRequest>;

export const PlanTextsAnswer = Type.Object({
  texts: Type.Array(Type.Object({ entryId: Id, version: Version, text: Type.String({ maxLength: 4000 }) }, closed)),
}, closed);
export type PlanTextsAnswer = Static<typeof PlanTextsAnswer>;

import { Type, type Static } from 'typebox';
import { contract } from './contract.js';
import { topics } from './topics.js';
import { Agency, At, Code, Coded, DataClass, Date, Id, ModuleName, Ref, StaffId, Version, closed } from './values.js';

export const PlanAction = Type.Object({
  id: Id,
  title: Coded,
  due: Type.Optional(Type.Union([Date, At])),
  start: Type.Optional(Type.Union([Date, At])),
  end: Type.Optional(Type.Union([Date, At])),
  status: Type.Enum(['planned', 'in-progress', 'done', 'missed', 'cancelled']),
  responsible: Type.Optional(StaffId),
}, closed);
export type PlanAction = Static<typeof PlanAction>;

export const Phase = Type.Enum(['proposed', 'requested', 'waiting', 'active', 'suspended', 'declined', 'ended']);
export type Phase = Static<typeof Phase>;

const body = {
  clientId: Id,
  agency: Agency,
  kind: Type.Enum(['need', 'plan', 'goal', 'referral', 'service']),
  phase: Phase,
  reason: Type.Optional(Coded),
  title: Coded,
  dataClass: DataClass,
  because: Type.Array(Ref, { maxItems: 50, description: 'What this entry follows from' }),
  needs: Type.Array(Ref, { maxItems: 50, description: 'The needs that it serves' }),
  actions: Type.Array(PlanAction, { maxItems: 100 }),
  reviewOn: Type.Optional(Date),
  asks: Type.Optional(Type.Array(
    Type.Object({ module: ModuleName, offer: Code, referralId: Id, respondBy: At }, closed),
    { maxItems: 200, description: 'Referrals asked of other modules: shown as requested until the module has an entry with id = referralId' },
  )),
};

/** What a module's pure `planEntries(state)` answers. Versions, times and the aggregate are added when it is stored. */
export const PlanEntryBody = Type.Object({ entryId: Id, ...body }, closed);
export type PlanEntryBody = Static<typeof PlanEntryBody>;

export const PlanEntry = Type.Object({
  module: ModuleName,
  entryId: Id,
  version: Type.Integer({ minimum: 1, maximum: 2_147_483_647, description: 'The entry’s own counter: +1 whenever its body changes' }),
  aggregate: Type.Object({ id: Id, version: Version }, closed),
  recordedAt: At,
  ...body,
}, closed);
export type PlanEntry = Static<typeof PlanEntry>;

/** Key: `<module>/<entryId>`. A null value erases the entry and all its versions. */
export const planEntryRecorded = contract(topics.planEntries, 'opora.plan-entry.recorded', '1.0.0', PlanEntry,
  'What one aggregate contributes to a person’s support plan; an id once published never vanishes, it ends');

export const entryKey = (module: string, entryId: string): string => `${module}/${entryId}`;

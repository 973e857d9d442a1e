import type { PlanEntry } from '@opora/contracts';
import { absent, DomainError, type Instant } from '@opora/domain';
import { membersOf, nothingSaid, type CircumstanceFact, type Circumstances, type Member } from './circumstances.js';

/** Whose circumstances, and the agency that keeps the record. */
export interface About {
  readonly clientId: string;
  readonly agency: string;
  readonly at: Instant;
}

/** Who says so. */
export interface By {
  readonly sub: string;
  readonly oversees: boolean;
}

const joined = ({ clientId, agency, at }: About, { member, because }: Member): CircumstanceFact => ({ type: 'intake.care-team-joined', data: { clientId, at, member, because }, own: { agency } });
const left = ({ clientId, agency, at }: About, { member, because }: Member): CircumstanceFact => ({ type: 'intake.care-team-left', data: { clientId, at, member, because }, own: { agency } });

export const isMember = (known: Circumstances | undefined, { sub, oversees }: By): boolean => oversees || membersOf(known ?? nothingSaid).includes(sub);

export const mustBeMember = (known: Circumstances | undefined, by: By): void => {
  if (!isMember(known, by)) throw new DomainError('forbidden', 'not-in-care-team', 'This is for the care team and supervisors; ask one of them');
};

/** Where nobody was assigned yet, anybody of the keeping agency may begin; then the team says who else. */
export const join = (known: Circumstances = nothingSaid, { member, by, ...about }: About & { member: string; by: By }): CircumstanceFact[] => {
  if (known.team.some(({ because }) => because === 'assigned')) mustBeMember(known, by);
  if (known.bars.some(({ subject }) => subject === member)) throw new DomainError('conflict', 'member-barred', 'This person is protected from that worker');
  if (known.team.some((one) => one.member === member && one.because === 'assigned')) return [];
  return [joined(about, { member, because: 'assigned' })];
};

export const leave = (known: Circumstances = nothingSaid, { member, by, ...about }: About & { member: string; by: By }): CircumstanceFact[] => {
  mustBeMember(known, by);
  const reasons = known.team.filter((one) => one.member === member).map(({ because }) => because);
  if (reasons.length === 0) throw absent('member');
  if (!reasons.includes('assigned')) throw new DomainError('conflict', 'named-in-plan', 'An open plan entry names this worker as responsible; change it there');
  return [left(about, { member, because: 'assigned' })];
};

/** Who answers for something that is still open, in whatever module. */
export const namedIn = (entries: readonly PlanEntry[]): string[] => [...new Set(entries
  .filter(({ phase }) => phase !== 'ended' && phase !== 'declined')
  .flatMap(({ actions }) => actions.filter(({ status }) => status !== 'cancelled').flatMap(({ responsible }) => responsible ?? [])))].sort();

/** The team follows the plan: who is named joins, who is named no longer leaves, unless assigned as well. */
export const followPlan = (known: Circumstances = nothingSaid, { named, ...about }: About & { named: readonly string[] }): CircumstanceFact[] => {
  const before = known.team.filter(({ because }) => because === 'plan');
  return [
    ...named.filter((member) => !before.some((one) => one.member === member)).map((member) => joined(about, { member, because: 'plan' })),
    ...before.filter(({ member }) => !named.includes(member)).map((one) => left(about, one)),
  ];
};

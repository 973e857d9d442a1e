import type { ConsentState, DataClass } from '@opora/contracts';
import type { Instant } from '@opora/domain';
import { isClient, isSelf, type Actor } from './actor.js';
import { isBarred } from './barred.js';
import { mayShare } from './may-share.js';

/** What a decision needs to know of the thing that it is about. */
export interface Label {
  /** Absent while nobody knows who it is. */
  readonly clientId?: string | undefined;
  readonly agency: string;
  readonly module: string;
  readonly dataClass: DataClass;
  /** It is what the agency does for the person: others hear of it only while the person agrees to be with that agency at all. */
  readonly engages?: boolean | undefined;
}

/** How the asker and the thing stand to each other, at one moment. Policies read nothing else of the person. */
export interface Standing {
  /** The client, about themselves. */
  readonly own: boolean;
  readonly sameAgency: boolean;
  readonly inCaseload: boolean;
  readonly hidden: boolean;
  readonly consented: boolean;
  readonly opened: boolean;
  readonly barred: boolean;
}

export const relations = ['own', 'sameAgency', 'inCaseload', 'hidden', 'consented', 'opened', 'barred'] as const satisfies readonly (keyof Standing)[];

/** Of a client nothing counts but whether it is about themselves: agencies, teams and openings are for those who work there. */
export const standingOf = (actor: Actor, { clientId, agency, dataClass, engages }: Label, state: ConsentState | undefined, at: Instant): Standing => {
  const client = isClient(actor);
  const own = isSelf(actor, clientId);
  return {
    own,
    sameAgency: !client && actor.agency === agency,
    inCaseload: !client && (state?.team?.includes(actor.sub) ?? false),
    hidden: state?.hidden ?? false,
    consented: !client && mayShare(state, 'coordination', actor.agency, dataClass, at) && (!engages || mayShare(state, 'referral', agency, 'D1', at)),
    opened: !client && (state?.openings?.some(({ subject, from, until }) => subject === actor.sub && from <= at && at < until) ?? false),
    barred: isBarred(actor, state, own),
  };
};

/** In what somebody of that kind can differ from another. */
export const relationsOf = (actor: Actor): readonly (keyof Standing)[] => isClient(actor) ? ofClients : ofStaff;
const ofClients = ['own', 'hidden', 'barred'] as const;
const ofStaff = ['sameAgency', 'inCaseload', 'consented', 'opened', 'hidden', 'barred'] as const;

/** Every standing in which somebody of that kind can be, the likeliest to be permitted first. */
export const standingsOf = (actor: Actor): readonly Standing[] => isClient(actor) ? standingsOfClients : standingsOfStaff;

const combined = (possible: readonly (keyof Standing)[]): Standing[] => Array.from({ length: 2 ** possible.length }, (_, bits) =>
  Object.fromEntries(relations.map((relation) => [relation, possible.includes(relation) && (bits & (1 << possible.indexOf(relation))) !== 0])) as unknown as Standing)
  .sort((a, b) => Number(a.barred || a.hidden) - Number(b.barred || b.hidden) || Number(b.own || b.sameAgency) - Number(a.own || a.sameAgency));
const standingsOfClients = combined(ofClients);
const standingsOfStaff = combined(ofStaff);

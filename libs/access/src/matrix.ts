import type { DataClass } from '@opora/contracts';
import { isClient, roles, type Actor } from './actor.js';
import type { Policies } from './policies.js';
import { purposesOfUse, type PurposeOfUse } from './seen.js';
import { relations, type Standing } from './standing.js';

/** How somebody may stand to what they ask for; what is not said is not so. */
export const situations = {
  'their own': { own: true },
  'own agency': { sameAgency: true },
  'another agency': {},
  'another, consented': { consented: true },
  'another, opened': { opened: true },
  'hidden': { sameAgency: true, hidden: true },
  'hidden, own caseload': { sameAgency: true, hidden: true, inCaseload: true },
  'barred': { sameAgency: true, inCaseload: true, consented: true, opened: true, barred: true },
} as const satisfies Record<string, Partial<Standing>>;

export type Situation = keyof typeof situations;

export interface Cell {
  readonly role: string;
  readonly purpose: PurposeOfUse;
  readonly situation: Situation;
  readonly dataClass: DataClass;
  readonly allowed: boolean;
}

/** Roles as tokens carry them: a practitioner of the module whose data it is, and one of another. */
export const rolesAround = (module: string): string[] => roles.flatMap((role) => role === 'practitioner' ? [`${module}:practitioner`, 'elsewhere:practitioner'] : [role]);

/** Of somebody in that role, only what can be: nobody but a client asks for their own, and a client has neither agency nor caseload. */
export const canBe = (role: string, situation: Situation): boolean => role === 'client'
  ? ['their own', 'another agency', 'barred'].includes(situation)
  : situation !== 'their own';

/** Role × purpose × situation × data class, decided by the policies themselves, for data of `module`. */
export const matrix = (policies: Policies, action: string, module: string): Cell[] => rolesAround(module).flatMap((role) => purposesOfUse.flatMap((purpose) =>
  (Object.keys(situations) as Situation[]).filter((situation) => canBe(role, situation)).flatMap((situation) => (['D0', 'D1', 'D2', 'D3'] as const).map((dataClass): Cell => {
    const actor: Actor = { sub: 'somebody', agency: 'agency', roles: [role] };
    const said: Partial<Standing> = situations[situation];
    const standing = Object.fromEntries(relations.map((relation) => [relation, (said[relation] ?? false) && (!isClient(actor) || ['own', 'hidden', 'barred'].includes(relation))])) as unknown as Standing;
    return { role, purpose, situation, dataClass, allowed: policies.decide({ actor, purpose }, action, { module, dataClass }, standing).allowed };
  }))));

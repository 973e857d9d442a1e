import type { Asking } from './asking.js';

/** Who asks, as the token says it. Nothing here comes from the request's body. */
export interface Actor {
  readonly sub: string;
  readonly agency: string;
  /** Plain roles (`counsellor`) and roles of one module (`legal-aid:practitioner`). */
  readonly roles: readonly string[];
  /** Only with the role `client`: whose own plan it is. */
  readonly clientId?: string;
  /** All records of that person: more than one after a merge. The guard finds them out, and nothing else asks again whose a record is. */
  readonly clientIds?: readonly string[];
  /** `service`: a program with a token of its own. People’s tokens unless said. */
  readonly channel?: 'interactive' | 'service';
  /** The request in hand. */
  readonly asking?: Asking;
}

export const roles = ['client', 'intake-worker', 'counsellor', 'practitioner', 'supervisor', 'auditor', 'admin', 'module'] as const;
export type Role = (typeof roles)[number];

/** Whoever works with people's cases, in whatever module; for the routes of a service that is no module itself. */
export const worksWithCases = (actor: Actor): boolean =>
  actor.roles.some((role) => role === 'intake-worker' || role === 'counsellor' || role === 'supervisor' || role.endsWith(':practitioner'));

export const isClient = (actor: Actor): boolean => actor.roles.includes('client');

/** The ids under which the person who asks is kept. */
export const recordsOf = ({ clientId, clientIds }: Pick<Actor, 'clientId' | 'clientIds'>): readonly string[] => clientIds ?? (clientId === undefined ? [] : [clientId]);

/** Whether it is the client's own record, under whichever id it is kept. */
export const isSelf = (actor: Actor, clientId: string | undefined): boolean => isClient(actor) && clientId !== undefined && recordsOf(actor).includes(clientId);

/** The actor's roles as policies know them. No token carries `staff`: it stands for all who work with cases. */
export const rolesOf = (actor: Actor): string[] => [...actor.roles.filter((role) => role !== 'staff'), ...(worksWithCases(actor) ? ['staff'] : [])];

/** The modules in which the actor practises: the only staff that a module's privileged (D3) data is for. */
export const worksIn = (actor: Actor): string[] => actor.roles.flatMap((role) => role.endsWith(':practitioner') ? [role.slice(0, -':practitioner'.length)] : []);

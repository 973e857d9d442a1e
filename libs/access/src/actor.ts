/** Who asks, as the token says it. Nothing here comes from the request's body. */
export interface Actor {
  readonly sub: string;
  readonly agency: string;
  /** Plain roles (`counsellor`) and roles of one module (`legal-aid:practitioner`). */
  readonly roles: readonly string[];
  /** Only with the role `client`: whose own plan it is. */
  readonly clientId?: string;
}

export const roles = ['client', 'intake-worker', 'counsellor', 'practitioner', 'supervisor', 'auditor', 'admin', 'module'] as const;
export type Role = (typeof roles)[number];

/** Whoever works with people's cases, in whatever module; for the routes of a service that is no module itself. */
export const worksWithCases = (actor: Actor): boolean =>
  actor.roles.some((role) => role === 'intake-worker' || role === 'counsellor' || role === 'supervisor' || role.endsWith(':practitioner'));

/** A practitioner works in one module; everybody else's role holds everywhere. No token carries `staff`: it stands for all who work with cases. */
export const holds = (actor: Actor, role: Role | 'staff', module: string): boolean =>
  role === 'staff' ? worksWithCases(actor) : actor.roles.includes(role === 'practitioner' ? `${module}:practitioner` : role);

export const isClient = (actor: Actor): boolean => actor.roles.includes('client');

/** Whether the actor works in this module itself: the only staff that its privileged (D3) data is for. */
export const worksIn = (actor: Actor, module: string): boolean => actor.roles.some((role) => role.startsWith(`${module}:`));

import type { CanActivate, ExecutionContext, Type } from '@nestjs/common';
import { METHOD_METADATA } from '@nestjs/common/constants.js';
import { Asking, everyday, isClient, PERMISSION, purposesOfUse, TokenRefused, type Actor, type Permission, type Policies, type PurposeOfUse } from '@opora/access';
import { DomainError } from '@opora/domain';
import type { Heads } from '@opora/messaging';
import type { ActingRequest } from './request.js';
import type { Witness } from './witness.js';

const permissionOf = (method: object): Permission | undefined => Reflect.getMetadata(PERMISSION, method);

const wellFormed = (value: unknown): string | undefined => typeof value === 'string' && /^[A-Za-z0-9._:@|-]{1,80}$/.test(value) ? value : undefined;

/** Checks the token, and asks the policies whether the caller may do anything of the kind at all; about whom, is decided where the thing is known. */
export class AccessGuard implements CanActivate {
  constructor(private readonly policies: Policies, private readonly check: (token: string | undefined) => Promise<Actor>, private readonly witness: Witness, private readonly heads: Heads) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const permission = permissionOf(context.getHandler());
    if (!permission) throw new Error('A route without @Allow was reached');
    if (permission.open) return true;
    const request = context.switchToHttp().getRequest<ActingRequest>();
    await this.admit(request, permission.action, (request.body as { onBehalfOf?: unknown } | undefined)?.onBehalfOf);
    return true;
  }

  /** Who asks, once it is conceivable that they may; a refusal is on record before it is heard. */
  async admit(request: ActingRequest, action: string, onBehalfOf: unknown, route?: string): Promise<Actor & { readonly asking: Asking }> {
    const [scheme, token, ...rest] = (request.headers.authorization ?? '').split(' ');
    if (scheme?.toLowerCase() !== 'bearer' || rest.length > 0) throw new TokenRefused('token-missing');
    const known = await this.known(await this.check(token));
    const asking = new Asking(action, purposeOf(known, request.headers['opora-purpose']), request.id, wellFormed(onBehalfOf), route);
    const actor = request.actor = { ...known, asking };
    const { allowed, policies } = this.policies.conceivable({ actor, purpose: asking.purpose }, action);
    asking.permittedBy = policies;
    if (allowed) return actor;
    asking.note({ action, decision: 'deny', policies });
    await this.witness.tell(actor);
    throw this.refusal(actor, action);
  }

  /** A client's token names one record; after a merge the person has more. */
  private async known(actor: Actor): Promise<Actor> {
    return isClient(actor) && actor.clientId !== undefined ? { ...actor, clientIds: (await this.heads.person(actor.clientId)).ids } : actor;
  }

  private refusal(actor: Actor, action: string): DomainError {
    if (everyday.some((purpose) => this.policies.conceivable({ actor, purpose }, action).allowed)) {
      return new DomainError('forbidden', 'purpose-not-allowed', 'Your roles allow this, but not for this purpose; say in Opora-Purpose what you come for');
    }
    return new DomainError('forbidden', 'role-missing', `This needs one of the roles ${this.policies.rolesFor(action).join(', ')}`);
  }
}

/** What the caller says to come for; what people in that role mostly come for, when nothing is said. */
const purposeOf = (actor: Actor, said: string | string[] | undefined): PurposeOfUse => {
  const purpose = purposesOfUse.find((one) => one === said);
  if (purpose) return purpose;
  if (said !== undefined) throw new DomainError('invalid', 'purpose-unknown', `Opora-Purpose is one of ${purposesOfUse.join(', ')}`);
  if (isClient(actor)) return 'self';
  return actor.roles.every((role) => role === 'auditor' || role === 'admin') && actor.roles.includes('auditor') ? 'oversight' : 'care';
};

const routes = (controllers: readonly Type[]) => controllers.flatMap((controller) => Object.getOwnPropertyNames(controller.prototype).map((name) => ({
  name: `${controller.name}.${name}`, method: controller.prototype[name] as object,
}))).filter(({ method }) => typeof method === 'function' && Reflect.hasMetadata(METHOD_METADATA, method));

/** Refuses to boot when a route does not say what it does, or does what no policy knows of. */
export const requirePermissions = (controllers: readonly Type[], policies: Policies): void => {
  const unnamed = routes(controllers).filter(({ method }) => !permissionOf(method));
  if (unnamed.length > 0) throw new Error(`Routes without @Allow: ${unnamed.map(({ name }) => name).join(', ')}`);
  const unknown = routes(controllers).map(({ method }) => permissionOf(method)!).filter(({ action, open }) => !open && !policies.knows(action));
  if (unknown.length > 0) throw new Error(`No policy schema of ${policies.module} has the actions ${unknown.map(({ action }) => action).join(', ')}`);
};

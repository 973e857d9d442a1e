import type { CanActivate, ExecutionContext, Type } from '@nestjs/common';
import { METHOD_METADATA } from '@nestjs/common/constants.js';
import { holds, PERMISSION, TokenRefused, type Actor, type Permission } from '@opora/access';
import { DomainError } from '@opora/domain';
import type { ActingRequest } from './request.js';

/** As tokens carry it. */
export const carried = (role: string, module: string): string =>
  role === 'staff' ? 'intake-worker, counsellor, supervisor, practitioner of any module' : role === 'practitioner' ? `${module}:practitioner` : role;

const permissionOf = (method: object): Permission | undefined => Reflect.getMetadata(PERMISSION, method);

/** Lets in whom the route's `@Allow` names. */
export class AccessGuard implements CanActivate {
  constructor(private readonly module: string, private readonly check: (token: string | undefined) => Promise<Actor>) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const permission = permissionOf(context.getHandler());
    if (!permission) throw new Error('A route without @Allow was reached');
    if (permission.roles.length === 0) return true;
    const request = context.switchToHttp().getRequest<ActingRequest>();
    const [scheme, token, ...rest] = (request.headers.authorization ?? '').split(' ');
    if (scheme?.toLowerCase() !== 'bearer' || rest.length > 0) throw new TokenRefused('token-missing');
    const actor = request.actor = await this.check(token);
    if (permission.roles.some((role) => holds(actor, role, this.module))) return true;
    throw new DomainError('forbidden', 'role-missing', `This needs one of the roles ${permission.roles.map((role) => carried(role, this.module)).join(', ')}`);
  }
}

/** Refuses to boot when a route does not say who may use it. */
export const requirePermissions = (controllers: readonly Type[]): void => {
  const open = controllers.flatMap((controller) => Object.getOwnPropertyNames(controller.prototype)
    .filter((name) => {
      const method = controller.prototype[name] as object;
      return typeof method === 'function' && Reflect.hasMetadata(METHOD_METADATA, method) && !permissionOf(method);
    })
    .map((name) => `${controller.name}.${name}`));
  if (open.length > 0) throw new Error(`Routes without @Allow: ${open.join(', ')}`);
};

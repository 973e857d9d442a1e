import type { Actor, Policies, Trail } from '@opora/access';
import type { Clock } from '@opora/messaging';
import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import { from, lastValueFrom, type Observable } from 'rxjs';
import type { ActingRequest } from './request.js';

/** Sees to it that what was decided is on record before anybody hears the answer. */
export class Witness implements NestInterceptor {
  constructor(private readonly policies: Policies, private readonly trail: Trail, private readonly clock: Clock) {}

  /** Resolves once everything that was decided so far in the actor's request is durable. */
  async tell(actor: Actor): Promise<void> {
    const seen = actor.asking?.take(actor, this.clock.now(), this.policies.version) ?? [];
    if (seen.length > 0) await this.trail.record(seen);
  }

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const { actor } = context.switchToHttp().getRequest<ActingRequest>();
    if (!actor?.asking) return next.handle();
    const { asking } = actor;
    return from(lastValueFrom(next.handle(), { defaultValue: undefined }).finally(async () => {
      // Nothing about anybody in particular was decided: that it was asked at all is on record.
      if (asking.isSilent) {
        asking.note({ action: asking.action, decision: 'permit', policies: asking.permittedBy });
      }
      await this.tell(actor);
    }));
  }
}

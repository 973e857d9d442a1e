import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import type { Actor, Policies, Trail } from '@opora/access';
import type { Clock } from '@opora/messaging';
import { AsyncLocalStorage } from 'node:async_hooks';
import { from, lastValueFrom, type Observable } from 'rxjs';
import type { ActingRequest } from './request.js';

/** Sees to it that what was decided is on record before anything is changed by it, and before anybody hears the answer. */
export class Witness implements NestInterceptor {
  private readonly asking = new AsyncLocalStorage<Actor>();

  constructor(private readonly policies: Policies, private readonly trail: Trail, private readonly clock: Clock) {}

  /** For the commits of a request. */
  readonly beforeCommit = async (): Promise<void> => {
    const actor = this.asking.getStore();
    if (actor) await this.tell(actor);
  };

  /** Resolves once everything that was decided so far in the actor's request is durable. */
  async tell(actor: Actor): Promise<void> {
    const { asking } = actor;
    if (!asking) return;
    // Nothing about anybody in particular was decided: that it was asked at all is on record.
    if (asking.isSilent) asking.note({ action: asking.action, decision: 'permit', policies: asking.permittedBy });
    const seen = asking.take(actor, this.clock.now(), this.policies.version);
    if (seen.length > 0) await this.trail.record(seen);
  }

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const { actor } = context.switchToHttp().getRequest<ActingRequest>();
    if (!actor) return next.handle();
    return from(this.asking.run(actor, () => lastValueFrom(next.handle(), { defaultValue: undefined })).finally(() => this.tell(actor)));
  }
}

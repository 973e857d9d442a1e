import { applyDecorators, Injectable, UseGuards, UseInterceptors, type CallHandler, type CanActivate, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { ActingRequest } from '@opora/service';
import type { FastifyReply } from 'fastify';
import { finalize, type Observable } from 'rxjs';

/** Of one agency's requests that wait, beyond which it is told to come again; and how long one waits at most. */
const MOST_WAITING = 200;
const WAITING_MS = 20_000;

/** Too much at once: the same request may well succeed a moment later, so its code is one that is answered with 503. */
class Busy extends Error {
  readonly code = 'ETIMEDOUT';
}

/** One evaluation at a time for each agency: whoever sends forms without end keeps only the own agency waiting. */
@Injectable()
export class Turns {
  private readonly queues = new Map<string, (() => void)[]>();

  /** Answers with how to give the turn back. Fails when it takes too long. */
  async take(agency: string): Promise<() => void> {
    const back = once(() => this.next(agency));
    const queue = this.queues.get(agency);
    if (!queue) {
      this.queues.set(agency, []);
      return back;
    }
    if (queue.length >= MOST_WAITING) throw new Busy('Too many requests of this agency wait');
    await new Promise<void>((resolve, reject) => {
      const enter = (): void => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(() => {
        queue.splice(queue.indexOf(enter), 1);
        reject(new Busy('Waited too long'));
      }, WAITING_MS);
      queue.push(enter);
    });
    return back;
  }

  private next(agency: string): void {
    const enter = this.queues.get(agency)?.shift();
    if (enter) enter();
    else this.queues.delete(agency);
  }
}

const once = (work: () => void) => {
  let done = false;
  return (): void => {
    if (!done) work();
    done = true;
  };
};

interface Turn { readonly back: () => void; gone: boolean; working: boolean }

/** Being a guard, it lets wait before the request takes a connection to the database. The turn lasts as long as the work, also when the caller has gone. */
@Injectable()
class EvaluationTurn implements CanActivate, NestInterceptor {
  private static readonly turns = new WeakMap<ActingRequest, Turn>();

  constructor(private readonly all: Turns) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<ActingRequest>();
    const { raw } = context.switchToHttp().getResponse<FastifyReply>();
    const turn: Turn = { back: await this.all.take(request.actor!.agency), gone: raw.destroyed, working: false };
    EvaluationTurn.turns.set(request, turn);
    if (turn.gone) turn.back();
    raw.once('close', () => {
      turn.gone = true;
      if (!turn.working) turn.back();
    });
    return true;
  }

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const turn = EvaluationTurn.turns.get(context.switchToHttp().getRequest<ActingRequest>());
    if (!turn || turn.gone) throw new Busy('Nobody waits for the answer');
    turn.working = true;
    return next.handle().pipe(finalize(() => {
      turn.working = false;
      if (turn.gone) turn.back();
    }));
  }
}

/** For the routes that evaluate what others wrote. */
export const TakesTurn = () => applyDecorators(UseGuards(EvaluationTurn), UseInterceptors(EvaluationTurn));

import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import { hashOf } from '@opora/contracts';
import { DomainError } from '@opora/domain';
import type { Database } from '@opora/messaging';
import type { FastifyReply } from 'fastify';
import { createHash } from 'node:crypto';
import { from, lastValueFrom, type Observable } from 'rxjs';
import { Answer } from './answer.js';
import { COMMAND } from './documented.js';
import type { ActingRequest } from './request.js';

interface Remembered { request_hash: string; status: number; location: string | null; etag: string | null; plan_entry: string | null }

/** Keys are good for 24 hours. Each request clears away a few of the old ones, its own before all. */
const FORGET = `delete from idempotency where scope in (
  select scope from idempotency where created_at < now() - interval '24 hours' order by scope = $1 desc, created_at limit 20 for update skip locked)`;

/** Reads a resource of this service again, as the same caller. */
export type ReadAgain = (location: string, request: ActingRequest) => Promise<unknown>;

/**
 * A POST with an Idempotency-Key takes effect once. Key, effect and outbox commit together; refusals are not remembered.
 * A repeated request gets the first one's status and headers and reads the resource anew.
 */
export class IdempotencyInterceptor implements NestInterceptor {
  constructor(private readonly database: Database, private readonly readAgain: ReadAgain) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<ActingRequest>();
    const key = request.headers['idempotency-key'];
    if (key === undefined || !Reflect.getMetadata(COMMAND, context.getHandler())) return next.handle();
    if (typeof key !== 'string' || !/^[\x21-\x7e]{1,200}$/.test(key)) {
      throw new DomainError('invalid', 'idempotency-key-invalid', 'Send one Idempotency-Key of 1 to 200 visible characters');
    }
    return from(this.once(key, request, context.switchToHttp().getResponse<FastifyReply>(), () => lastValueFrom(next.handle())));
  }

  private async once(key: string, request: ActingRequest, reply: FastifyReply, work: () => Promise<unknown>): Promise<unknown> {
    const { agency, sub } = request.actor!;
    const scope = hashOf([agency, sub, request.method, request.url, key]);
    const requestHash = typeof request.body === 'string' ? createHash('sha256').update(request.body).digest('hex') : hashOf(request.body ?? null);
    const remembered = await this.database.transaction(async () => {
      if (!(await this.claim(scope, requestHash))) return this.earlier(scope, requestHash);
      const result = await work();
      const { etag, planEntry, location } = result instanceof Answer ? result.headers : {};
      await this.database.query('update idempotency set status = $2, location = $3, etag = $4, plan_entry = $5 where scope = $1',
        [scope, reply.statusCode, location ?? null, etag ?? null, planEntry ?? null]);
      return { result };
    });
    if ('result' in remembered) return remembered.result;
    reply.status(remembered.status);
    const body = remembered.location === null ? undefined : await this.readAgain(remembered.location, request);
    return new Answer(body, { etag: remembered.etag ?? undefined, planEntry: remembered.plan_entry ?? undefined, location: remembered.location ?? undefined });
  }

  /** Waits for the same request in flight, two seconds at most. */
  private async claim(scope: string, requestHash: string): Promise<boolean> {
    try {
      await this.database.query(`set local lock_timeout = '2s'`);
      await this.database.query(FORGET, [scope]);
      const rows = await this.database.query('insert into idempotency (scope, request_hash) values ($1, $2) on conflict do nothing returning scope', [scope, requestHash]);
      await this.database.query(`set local lock_timeout = '5s'`);
      return rows.length > 0;
    } catch (error) {
      if ((error as { code?: string }).code === '55P03') throw new DomainError('conflict', 'request-in-flight', 'The same request is still being worked on; repeat it in a moment');
      throw error;
    }
  }

  private async earlier(scope: string, requestHash: string): Promise<Remembered> {
    const [row] = await this.database.query<Remembered>('select request_hash, status, location, etag, plan_entry from idempotency where scope = $1', [scope]);
    if (row?.request_hash === requestHash) return row;
    throw new DomainError('invalid', 'idempotency-key-reused', 'This Idempotency-Key was used for another request; take a new one');
  }
}

import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import type { Changed, Stored } from '@opora/messaging';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { map, type Observable } from 'rxjs';

export interface AnswerHeaders {
  readonly etag?: string;
  /** `<module>/<entryId>@<version>`, for `GET /v1/clients/{id}/plan?after=`. */
  readonly planEntry?: string | undefined;
  /** Where the thing can be read again. */
  readonly location?: string;
}

/** A body together with what the headers say of it. */
export class Answer<T> {
  constructor(readonly body: T, readonly headers: AnswerHeaders = {}) {}
}

export const etagOf = (version: number): string => `"${version}"`;

/** What a command answers: the aggregate as it now stands, where to read it, and its plan entry. */
export const changed = <S, T>(result: Changed<S>, view: T, path: string): Answer<T> =>
  new Answer(view, { etag: etagOf(result.version), planEntry: result.entry, location: path });

export const found = <S, T>(stored: Stored<S>, view: T): Answer<T> => new Answer(view, { etag: etagOf(stored.version) });

export const writeHeaders = (reply: FastifyReply, request: FastifyRequest, { etag, planEntry, location }: AnswerHeaders): void => {
  if (etag) reply.header('etag', etag);
  if (planEntry) reply.header('opora-plan-entry', planEntry);
  if (location) reply.header(request.method === 'POST' && reply.statusCode === 201 ? 'location' : 'content-location', location);
};

export class AnswerInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const http = context.switchToHttp();
    return next.handle().pipe(map((value: unknown) => {
      if (!(value instanceof Answer)) return value;
      writeHeaders(http.getResponse<FastifyReply>(), http.getRequest<FastifyRequest>(), value.headers);
      return value.body;
    }));
  }
}

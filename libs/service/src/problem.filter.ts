import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { TokenRefused } from '@opora/access';
import { DomainError, type RefusalKind, type Trouble } from '@opora/domain';
import { isTransient } from '@opora/messaging';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { describe, type Log } from './log.js';
import { TooManyRequests } from './too-many-requests.js';

/** RFC 9457 problem details, with a stable `code` and JSON Pointers to the trouble. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly errors?: readonly Trouble[];
}

const byKind: Record<RefusalKind, [number, string]> = {
  invalid: [422, 'The request is not valid'],
  conflict: [409, 'The request does not fit the present state'],
  stale: [412, 'The resource has changed'],
  forbidden: [403, 'Not allowed'],
  absent: [404, 'Not found'],
};

const byStatus: Record<number, [string, string]> = {
  400: ['unparsable', 'The request could not be read; send well-formed JSON, and UUIDs as ids'],
  404: ['not-found', 'There is nothing here'],
  413: ['body-too-large', 'Send a smaller body: at most 512 KB of JSON, 2 MB where a whole document is taken in'],
  415: ['media-type-unsupported', 'Send application/json'],
};

export const problem = (status: number, title: string, code: string, detail: string, errors: readonly Trouble[] = []): Problem =>
  ({ type: `urn:opora:problem:${code}`, title, status, code, detail, ...(errors.length > 0 && { errors }) });

const statusOf = (error: unknown): number | undefined => {
  if (error instanceof HttpException) return error.getStatus();
  const status = (error as { statusCode?: unknown } | null)?.statusCode;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : undefined;
};

/** What the caller is told. Messages of foreign errors may quote data, so none of them gets through. */
export const toProblem = (error: unknown): Problem => {
  if (error instanceof DomainError) {
    const [status, title] = error.code === 'precondition-required' ? [428, 'A precondition is needed'] as const : byKind[error.kind];
    return problem(status, title, error.code, error.message, error.errors);
  }
  if (error instanceof TokenRefused) {
    return error.code === 'issuer-unreachable'
      ? problem(503, 'Not available at the moment', error.code, 'The token could not be checked; try again')
      : problem(401, 'A valid token is needed', error.code, 'Send a valid token: Authorization: Bearer …');
  }
  if (error instanceof TooManyRequests) return problem(429, 'Too many requests', 'too-many-requests', 'Wait for the seconds in Retry-After');
  if (isTransient(error)) return problem(503, 'Not available at the moment', 'temporarily-unavailable', 'Try again after the time in Retry-After');
  const status = statusOf(error);
  if (status !== undefined) {
    const [code, detail] = byStatus[status] ?? ['refused', 'The request was refused'];
    return problem(status, 'The request was refused', code, detail);
  }
  return problem(500, 'Something went wrong on our side', 'internal', 'It has been logged; nothing was changed');
};

export const sendProblem = (reply: FastifyReply, body: Problem): void => {
  if (body.status === 401) reply.header('www-authenticate', 'Bearer');
  if (body.status === 503) reply.header('retry-after', '2');
  void reply.status(body.status).type('application/problem+json').send(body);
};

@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly log: Log) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const body = toProblem(error);
    if (body.status >= 500) this.log.say('error', 'request failed', { requestId: request.id, ...describe(error) });
    sendProblem(host.switchToHttp().getResponse<FastifyReply>(), body);
  }
}

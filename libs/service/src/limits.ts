import rateLimit, { type CreateRateLimitOptions } from '@fastify/rate-limit';
import type { CanActivate, ExecutionContext } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Socket } from 'node:net';
import type { ServiceSettings } from './definition.js';
import { sendProblem, toProblem } from './problem.filter.js';
import type { ActingRequest } from './request.js';
import { TooManyRequests } from './too-many-requests.js';
import { asksAfterUs } from './trace-requests.js';

/** How many are told apart; the one that was not heard of for longest is forgotten first. */
const MOST_COUNTED = 50_000;
const WINDOW_MS = 60_000;

type Count = (request: FastifyRequest) => Promise<{ isAllowed: true } | { isAllowed: false; max: number; remaining: number; ttlInSeconds: number; isExceeded: boolean }>;

/** A service asks itself again what a repeated command answered. */
const asksItself = ({ raw }: FastifyRequest): boolean => !(raw.socket instanceof Socket);

/** Whether it may come, and how much is left, in headers. */
const counted = async (count: Count, request: FastifyRequest, reply: FastifyReply): Promise<boolean> => {
  const found = await count(request);
  if (found.isAllowed) return true;
  const { max, remaining, ttlInSeconds, isExceeded } = found;
  reply.headers({ 'ratelimit-limit': max, 'ratelimit-remaining': remaining, 'ratelimit-reset': ttlInSeconds });
  if (isExceeded) reply.header('retry-after', ttlInSeconds);
  return !isExceeded;
};

/** Counts the requests of who is known, whatever token they bring. */
export class SubjectLimit implements CanActivate {
  constructor(private readonly count: Count | undefined) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<ActingRequest>();
    if (!this.count || !request.actor || asksItself(request)) return true;
    if (await counted(this.count, request, context.switchToHttp().getResponse<FastifyReply>())) return true;
    throw new TooManyRequests();
  }
}

/** Counts requests by address before anything else looks at them, and answers with the limit for those whose token was checked. */
export const limitRequests = async (fastify: FastifyInstance, { perAddress = 0, perSubject = 0 }: NonNullable<ServiceSettings['limits']>): Promise<SubjectLimit> => {
  await fastify.register(rateLimit, { global: false, cache: MOST_COUNTED });
  const limit = (max: number, more: CreateRateLimitOptions = {}): Count | undefined => (max > 0 ? fastify.createRateLimit({ max, timeWindow: WINDOW_MS, ...more }) as Count : undefined);

  const byAddress = limit(perAddress);
  if (byAddress) {
    fastify.addHook('onRequest', async (request, reply) => {
      if (asksAfterUs(request.routeOptions.url ?? '') || asksItself(request)) return undefined;
      if (await counted(byAddress, request, reply)) return undefined;
      sendProblem(reply, toProblem(new TooManyRequests()));
      return reply;
    });
  }
  return new SubjectLimit(limit(perSubject, { keyGenerator: ({ actor }: ActingRequest) => JSON.stringify([actor?.agency, actor?.sub]) }));
};

import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { languageOf } from '@opora/service';
import type { FastifyRequest } from 'fastify';

/** The caller's own token, language and address: the module that is asked decides what this reader may see, and how often. */
export interface OnBehalf { readonly authorization: string; readonly 'accept-language': string; readonly 'x-forwarded-for': string }

export const OnBehalf = createParamDecorator((_: unknown, context: ExecutionContext): OnBehalf => {
  const { headers, ip } = context.switchToHttp().getRequest<FastifyRequest>();
  return { authorization: headers.authorization ?? '', 'accept-language': languageOf(headers['accept-language']), 'x-forwarded-for': ip };
});

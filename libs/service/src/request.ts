import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { Actor } from '@opora/access';
import { DomainError } from '@opora/domain';
import type { FastifyRequest } from 'fastify';

export interface ActingRequest extends FastifyRequest {
  actor?: Actor;
}

const request = (context: ExecutionContext): ActingRequest => context.switchToHttp().getRequest<ActingRequest>();

/** Who asks. */
export const By = createParamDecorator((_: unknown, context: ExecutionContext): Actor => {
  const { actor } = request(context);
  if (!actor) throw new Error('This route knows no actor: it is open to anyone');
  return actor;
});

/** The version that the caller saw, from `If-Match`. Refuses with 428 when it is missing. */
export const IfMatch = createParamDecorator((_: unknown, context: ExecutionContext): number => {
  const header = request(context).headers['if-match'];
  if (header === undefined) throw new DomainError('invalid', 'precondition-required', 'Send If-Match with the ETag that you read');
  const version = /^"(\d{1,9})"$/.exec(header)?.[1];
  if (version === undefined) throw new DomainError('stale', 'stale-version', 'If-Match must be one strong ETag that this resource gave out');
  return Number(version);
});

const texts = new WeakMap<FastifyRequest, string>();

/** Keeps the text of a JSON body for whoever has to hand it on as it was sent. */
export const keepText = (request: FastifyRequest, text: string): void => {
  texts.set(request, text);
};

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** JSON is UTF-8 [RFC 8259]; undefined for bytes that are not, which could not be handed on as they were sent. */
export const textOf = (bytes: Buffer): string | undefined => {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
};

const sentText = (request: FastifyRequest): string => texts.get(request) ?? '';

/** The body's text as it was sent: with its numbers, its spaces and the order of its members. */
export const AsSent = createParamDecorator((_: unknown, context: ExecutionContext): string => sentText(request(context)));

/** Of a JSON body. It is read all at once, and whoever asks meanwhile waits. */
export const MOST_BYTES = 512 * 1024;
/** Of a body that is not read here. */
export const MOST_TEXT_BYTES = 2 * 1024 * 1024;

/** The body stays the text that was sent (`AsSent`), for a route that has it read in another process. */
export const TakesText = () => RouteConfig({ takesText: true });
export const takesText = ({ routeOptions }: { routeOptions: { config?: object } }): boolean => Boolean((routeOptions.config as { takesText?: boolean } | undefined)?.takesText);

/** The best of the languages we speak, by `Accept-Language` (RFC 9110 §12.5.4). */
export const languageOf = (header: string | undefined): 'en' | 'ru' => {
  const ranked = (header ?? '').split(',').map((part) => {
    const [tag = '', ...parameters] = part.trim().toLowerCase().split(';');
    const q = parameters.map((p) => /^\s*q=([\d.]+)$/.exec(p)?.[1]).find((v) => v !== undefined);
    return { language: tag.split('-')[0], q: q === undefined ? 1 : Number(q) };
  }).filter(({ language, q }) => (language === 'en' || language === 'ru') && q > 0).sort((a, b) => b.q - a.q);
  return ranked[0]?.language === 'ru' ? 'ru' : 'en';
};

export const Language = createParamDecorator((_: unknown, context: ExecutionContext): 'en' | 'ru' => languageOf(request(context).headers['accept-language']));

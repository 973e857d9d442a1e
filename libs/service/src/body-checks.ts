import { ValidationPipe, type ArgumentMetadata, type ValidationError } from '@nestjs/common';
import { DomainError, type Trouble } from '@opora/domain';
import type { FastifyInstance } from 'fastify';
import { NUMBER } from './fields.js';

const troubles = (errors: readonly ValidationError[], at = ''): Trouble[] => errors.flatMap((error) => {
  const pointer = `${at}/${error.property.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  const own = Object.entries(error.constraints ?? {}).map(([code, detail]) => ({ pointer, code, detail: code === 'whitelistValidation' ? 'is not a field of this request' : detail.replace(`${error.property} `, '') }));
  return [...own, ...troubles(error.children ?? [], pointer)];
});

const refusal = (errors: readonly Trouble[]) => new DomainError('invalid', 'invalid-request', 'Some fields are not valid', errors);

/** In a URL everything is text: digits become the number that the class asks for. In a body a number has to be one. */
class Checks extends ValidationPipe {
  override transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    if (metadata.type !== 'query' || typeof value !== 'object' || value === null || !metadata.metatype) return super.transform(value, metadata);
    const numbers = Object.fromEntries(Object.entries(value).map(([name, text]) =>
      [name, typeof text === 'string' && /^-?\d{1,15}(\.\d{1,15})?$/.test(text) && Reflect.hasMetadata(NUMBER, metadata.metatype!.prototype as object, name) ? Number(text) : text as unknown]));
    return super.transform(numbers, metadata);
  }
}

/** Every field of a request is named and checked; a field nobody declared is refused, not ignored. */
export const bodyChecks = () => new Checks({
  whitelist: true, forbidNonWhitelisted: true, transform: true, forbidUnknownValues: true,
  exceptionFactory: (errors) => refusal(troubles(errors)),
});

const MOST_DEEP = 100;

/** What PostgreSQL's text and jsonb cannot hold: NUL, and half a surrogate pair. And what is nested so deep that whoever walks it falls. */
const unstorable = (value: unknown, pointer: string, depth = 0): Trouble | undefined => {
  if (typeof value === 'string' && (value.includes('\0') || !value.isWellFormed())) return { pointer, code: 'not-text', detail: 'must be Unicode text without NUL' };
  if (typeof value !== 'object' || value === null) return undefined;
  if (depth === MOST_DEEP) return { pointer, code: 'too-deep', detail: `must not be nested deeper than ${MOST_DEEP} levels` };
  for (const [name, part] of Object.entries(value)) {
    const trouble = unstorable(name, pointer, depth) ?? unstorable(part, `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`, depth + 1);
    if (trouble) return trouble;
  }
  return undefined;
};

const parsed = (body: unknown): boolean => Array.isArray(body) || (typeof body === 'object' && body !== null && Object.getPrototypeOf(body) === Object.prototype);

/** Before anything else looks at a request. */
export const refuseUnstorable = (fastify: FastifyInstance): void => {
  fastify.addHook('preHandler', (request, _, done) => {
    const trouble = unstorable(request.query, '') ?? unstorable(request.params, '') ?? (parsed(request.body) ? unstorable(request.body, '') : undefined);
    done(trouble && refusal([trouble]));
  });
};

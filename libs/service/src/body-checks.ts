import { ValidationPipe, type ArgumentMetadata, type ValidationError } from '@nestjs/common';
import { DomainError, escaped, unstorable, type Trouble } from '@opora/domain';
import type { FastifyInstance } from 'fastify';
import { isObject, type FieldCode } from './field-checks.js';
import { FIELD, NUMBER } from './fields.js';

const trouble = (pointer: string, code: FieldCode, detail: string): Trouble => ({ pointer, code, detail });

const own = (at: string, { constraints = {}, contexts, value, children = [] }: ValidationError): Trouble[] => {
  if ('whitelistValidation' in constraints) return [trouble(at, 'unknown-field', 'is not a field of this request')];
  const field = contexts?.[FIELD] as { troubles(value: unknown): Trouble[] } | undefined;
  if (field && FIELD in constraints) return field.troubles(value).map((one) => ({ ...one, pointer: at + one.pointer }));
  return children.length > 0 ? [] : [trouble(at, 'bad-format', 'is not valid')];
};

const troubles = (errors: readonly ValidationError[], at = ''): Trouble[] => errors.flatMap((error) => {
  const pointer = `${at}/${escaped(error.property)}`;
  const here = own(pointer, error);
  const within = troubles(error.children ?? [], pointer).filter((one) => !here.some((outer) => one.pointer.startsWith(`${outer.pointer}/`)));
  return [...here, ...within];
});

const MOST_TOLD = 50;

const refusal = (errors: readonly Trouble[]) => new DomainError('invalid', 'invalid-request', 'Some fields are not valid', errors.slice(0, MOST_TOLD));

/** In a URL everything is text: digits become the number that the class asks for. In a body a number has to be one. */
class Checks extends ValidationPipe {
  override transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    if (metadata.type === 'body' && this.toValidate(metadata) && value !== undefined && isObject(value)) throw refusal([trouble('', 'wrong-type', 'must be a JSON object')]);
    if (metadata.type !== 'query' || typeof value !== 'object' || value === null || !metadata.metatype) return super.transform(value, metadata);
    const numbers = Object.fromEntries(Object.entries(value).map(([name, text]) =>
      [name, typeof text === 'string' && /^-?\d{1,15}(\.\d{1,15})?$/.test(text) && Reflect.hasMetadata(NUMBER, metadata.metatype!.prototype as object, name) ? Number(text) : text as unknown]));
    return super.transform(numbers, metadata);
  }
}

/** Every field of a request is named and checked; a field nobody declared is refused, not ignored. */
export const bodyChecks = () => new Checks({
  whitelist: true, forbidNonWhitelisted: true, transform: true, forbidUnknownValues: true, validationError: { target: false, value: true },
  exceptionFactory: (errors) => refusal(troubles(errors)),
});

const parsed = (body: unknown): boolean => Array.isArray(body) || (typeof body === 'object' && body !== null && Object.getPrototypeOf(body) === Object.prototype);

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Ids are compared as texts. */
const idsInSmallLetters = (params: Record<string, string> = {}): void => {
  for (const [name, value] of Object.entries(params)) if (UUID.test(value)) params[name] = value.toLowerCase();
};

/** Before anything else looks at a request. */
export const refuseUnstorable = (fastify: FastifyInstance): void => {
  fastify.addHook('preHandler', (request, _, done) => {
    const found = unstorable(request.query) ?? unstorable(request.params) ?? (parsed(request.body) ? unstorable(request.body) : undefined);
    idsInSmallLetters(request.params as Record<string, string> | undefined);
    done(found && refusal([found]));
  });
};

import { applyDecorators, HttpCode, SetMetadata, type Type } from '@nestjs/common';
import { ApiCreatedResponse, ApiExtraModels, ApiHeader, ApiOkResponse } from '@nestjs/swagger';

export const COMMAND = 'opora:command';

const header = (description: string, example: string) => ({ description, schema: { type: 'string' as const, example } });

/** What answers carry beside their bodies. */
export const headers = {
  ETag: header('What this version is called; for If-Match, and If-None-Match where it is taken', '"3"'),
  Location: header('Where the new thing can be read', '/v1/legal-aid/matters/0199a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a2b'),
  'Content-Location': header('Where the thing can be read again', '/v1/legal-aid/matters/0199a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a2b'),
  'Opora-Plan-Entry': header('`<module>/<entryId>@<version>`, where the thing is part of a plan: hand it to `GET /v1/clients/{id}/plan?after=`', 'legal-aid/0199a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a2b@2'),
  'Opora-Plan-Behind': header('The entry that was asked for with `after`, when the plan does not include it yet', 'legal-aid/0199a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a2b@2'),
  'Preference-Applied': header('The preference that was followed (RFC 7240)', 'wait'),
  'RateLimit-Limit': header('Requests that may come in a minute', '1200'),
  'RateLimit-Remaining': header('How many of them are left', '0'),
  'RateLimit-Reset': header('Seconds until the minute is over', '17'),
  'Retry-After': header('Seconds', '2'),
  'WWW-Authenticate': header('How to prove who you are', 'Bearer'),
};

export type HeaderName = keyof typeof headers;

export const described = (names: readonly HeaderName[]) => Object.fromEntries(names.map((name) => [name, headers[name]]));

const idempotent = ApiHeader({ name: 'Idempotency-Key', required: false, description: 'Send the same key again to repeat a request safely; kept for 24 hours' });

/** A POST that makes a new thing: 201 with its location. */
export const Creates = (type: Type) => applyDecorators(HttpCode(201), SetMetadata(COMMAND, true), idempotent, ApiCreatedResponse({ type }));

/** A POST or PUT that changes a thing: 200 with the thing as it now stands. */
export const Performs = (type: Type) => applyDecorators(HttpCode(200), SetMetadata(COMMAND, true), idempotent, ApiOkResponse({ type }));

/** Reads, by GET or by a POST that keeps personal data out of the URL. Names the headers that are not every such answer's. */
export const Answers = (type: Type, ...names: HeaderName[]) => applyDecorators(HttpCode(200), ApiOkResponse({ type, ...(names.length > 0 && { headers: described(names) }) }));

/** A list: `{ items, next? }`. */
export const AnswersPage = (type: Type) => applyDecorators(HttpCode(200), ApiExtraModels(type), ApiOkResponse({
  description: 'One page, newest first',
  schema: {
    type: 'object', required: ['items'],
    properties: {
      items: { type: 'array', items: { $ref: `#/components/schemas/${type.name}` } },
      next: { type: 'string', description: 'Send it as `cursor` for the next page; absent on the last', example: 'WyI3ZjNhIiwiMDE5OSJd' },
    },
  },
}));

/** The command needs `If-Match`. */
export const NeedsIfMatch = () => ApiHeader({ name: 'If-Match', required: true, description: 'The ETag that you read; 412 when it has changed since, 428 when missing', example: '"3"' });

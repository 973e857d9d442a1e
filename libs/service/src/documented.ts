import { applyDecorators, HttpCode, SetMetadata, type Type } from '@nestjs/common';
import { ApiCreatedResponse, ApiExtraModels, ApiHeader, ApiOkResponse } from '@nestjs/swagger';

export const COMMAND = 'opora:command';

const idempotent = ApiHeader({ name: 'Idempotency-Key', required: false, description: 'Send the same key again to repeat a request safely; kept for 24 hours' });
const planEntry = { 'Opora-Plan-Entry': { description: '`<module>/<entryId>@<version>`: hand it to `GET /v1/clients/{id}/plan?after=`', schema: { type: 'string' as const } } };
const etag = { ETag: { description: 'The version, for If-Match', schema: { type: 'string' as const } } };

/** A POST that makes a new thing: 201 with its location. */
export const Creates = (type: Type) =>
  applyDecorators(HttpCode(201), SetMetadata(COMMAND, true), idempotent, ApiCreatedResponse({ type, headers: { ...etag, ...planEntry } }));

/** A POST that changes a thing: 200 with the thing as it now stands. */
export const Performs = (type: Type) =>
  applyDecorators(HttpCode(200), SetMetadata(COMMAND, true), idempotent, ApiOkResponse({ type, headers: { ...etag, ...planEntry } }));

/** Reads, by GET or by a POST that keeps personal data out of the URL. */
export const Answers = (type: Type) => applyDecorators(HttpCode(200), ApiOkResponse({ type }));

/** A list: `{ items, next? }`. */
export const AnswersPage = (type: Type) => applyDecorators(HttpCode(200), ApiExtraModels(type), ApiOkResponse({
  schema: { type: 'object', required: ['items'], properties: { items: { type: 'array', items: { $ref: `#/components/schemas/${type.name}` } }, next: { type: 'string' } } },
}));

/** The command needs `If-Match`. */
export const NeedsIfMatch = () => ApiHeader({ name: 'If-Match', required: true, description: 'The ETag that you read; 412 when it has changed since, 428 when missing' });

import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import type { ServiceDefinition } from './definition.js';

interface Schema { nullable?: boolean; type?: string | string[]; [key: string]: unknown }
interface Operation { responses: Record<string, unknown> }

const problemSchema = {
  type: 'object', description: 'RFC 9457', required: ['type', 'title', 'status', 'code', 'detail'],
  properties: {
    type: { type: 'string' }, title: { type: 'string' }, status: { type: 'integer' }, code: { type: 'string', description: 'Stable; for programs' },
    detail: { type: 'string', description: 'What to do; for people' },
    errors: { type: 'array', items: { type: 'object', required: ['pointer', 'code', 'detail'], properties: { pointer: { type: 'string' }, code: { type: 'string' }, detail: { type: 'string' } } } },
  },
};

const refusals: Record<string, string> = {
  400: 'The body is not JSON', 401: 'No valid token', 403: 'The role is missing', 404: 'There is no such thing, or you may not see it',
  409: 'It does not fit the present state', 412: 'The resource has changed', 413: 'The body is too large', 415: 'Not a media type we take', 422: 'A field is not valid', 428: 'If-Match is missing', 503: 'Try again later',
};

/** OpenAPI 3.1 has no `nullable`. */
const withoutNullable = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withoutNullable);
  if (value === null || typeof value !== 'object') return value;
  const { nullable, ...rest } = Object.fromEntries(Object.entries(value).map(([k, v]) => [k, withoutNullable(v)])) as Schema;
  if (nullable !== true) return rest;
  return typeof rest.type === 'string' ? { ...rest, type: [rest.type, 'null'] } : { anyOf: [rest, { type: 'null' }] };
};

/** One service's API description, from its decorators. */
export const describeApi = (app: INestApplication, service: Pick<ServiceDefinition, 'name' | 'version' | 'titles'>): OpenAPIObject => {
  const config = new DocumentBuilder().setTitle(`Opora: ${service.titles.en}`).setVersion(service.version).setOpenAPIVersion('3.1.0')
    .addBearerAuth().addSecurityRequirements('bearer').build();
  const document = SwaggerModule.createDocument(app, config, { operationIdFactory: (_, method) => method });
  const problem = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } };
  const answers = Object.fromEntries(Object.entries(refusals).map(([status, description]) => [status, { description, content: problem }]));
  for (const item of Object.values(document.paths)) {
    for (const operation of Object.values(item) as Operation[]) if (operation.responses) operation.responses = { ...answers, ...operation.responses };
  }
  const paths = Object.fromEntries(Object.entries(document.paths).map(([path, item]) => [path.replaceAll('::', ':'), item]).sort(([a], [b]) => ((a as string) < (b as string) ? -1 : 1)));
  const schemas = { ...document.components?.schemas, Problem: problemSchema };
  return withoutNullable({ ...document, paths, components: { ...document.components, schemas } }) as OpenAPIObject;
};

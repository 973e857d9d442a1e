import { Logger, type INestApplication, type Type } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import type { Policies } from '@opora/access';
import { adminController } from './admin.controller.js';
import { auditController } from './audit.controller.js';
import { retentionController } from './retention/retention.controller.js';
import type { ServiceDefinition } from './definition.js';
import { exportController } from './export.controller.js';
import { objectionsController } from './objections.controller.js';
import { completed, routesOf, type Operation, type Schema } from './openapi-operations.js';
import { ServiceController } from './service.controller.js';

const text = (description: string, example: string) => ({ type: 'string', description, example });

const problemSchema = {
  type: 'object', description: 'RFC 9457', required: ['type', 'title', 'status', 'code', 'detail'],
  properties: {
    type: text('`urn:opora:problem:` and the code', 'urn:opora:problem:invalid-request'), title: text('For people', 'The request is not valid'),
    status: { type: 'integer', example: 422 }, code: text('Stable; for programs', 'invalid-request'), detail: text('What to do; for people', 'Some fields are not valid'),
    errors: {
      type: 'array',
      items: {
        type: 'object', required: ['pointer', 'code', 'detail'],
        properties: { pointer: text('JSON Pointer into the body, or `/` and the name of a query parameter', '/recipients/0'), code: text('Stable; for programs', 'bad-format'), detail: text('What is expected; for people', 'must be a UUID') },
      },
    },
  },
};

/** OpenAPI 3.1 has no `nullable`. */
const withoutNullable = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withoutNullable);
  if (value === null || typeof value !== 'object') return value;
  const { nullable, ...rest } = Object.fromEntries(Object.entries(value).map(([k, v]) => [k, withoutNullable(v)])) as Schema;
  if (nullable !== true) return rest;
  if (typeof rest.type !== 'string') return { anyOf: [rest, { type: 'null' }] };
  return { ...rest, type: [rest.type, 'null'], ...(Array.isArray(rest['enum']) && { enum: [...rest['enum'] as unknown[], null] }) };
};

/** What the service's own controllers and the platform answer. */
export const controllersOf = ({ controllers, name }: Pick<ServiceDefinition, 'controllers' | 'name'>): Type[] => [...controllers, adminController(name), auditController(name), retentionController(name), objectionsController(name), exportController(name), ServiceController];

/** Of two classes with one name Swagger keeps the last, and only says so to the log. */
const withoutNamesakes = (describe: () => OpenAPIObject): OpenAPIObject => {
  const said: string[] = [];
  Logger.overrideLogger({ log: () => undefined, error: () => undefined, warn: (message: string) => { said.push(message.split('\n')[0]!); } });
  try {
    const document = describe();
    if (said.length > 0) throw new Error(said.join('; '));
    return document;
  } finally {
    Logger.overrideLogger(false);
  }
};

/** One service's API description, from its decorators. */
export const describeApi = (app: INestApplication, service: Pick<ServiceDefinition, 'name' | 'version' | 'titles' | 'controllers'>, policies: Policies): OpenAPIObject => {
  const config = new DocumentBuilder().setTitle(`Opora: ${service.titles.en}`).setVersion(service.version).setOpenAPIVersion('3.1.0')
    .addBearerAuth().addSecurityRequirements('bearer').build();
  const document = withoutNamesakes(() => SwaggerModule.createDocument(app, config, { operationIdFactory: (_, method) => method }));
  const schemas = { ...document.components?.schemas, Problem: problemSchema } as Record<string, Schema>;
  const routes = routesOf(controllersOf(service), policies);
  const paths = Object.entries(document.paths).map(([path, item]): [string, object] => [
    path.replaceAll('::', ':'),
    Object.fromEntries(Object.entries(item as Record<string, Operation>).map(([method, operation]) => [method, completed(operation, method, path, routes.get(operation.operationId)!, schemas)])),
  ]);
  return withoutNullable({ ...document, paths: Object.fromEntries(paths.sort(([a], [b]) => (a < b ? -1 : 1))), components: { ...document.components, schemas } }) as OpenAPIObject;
};

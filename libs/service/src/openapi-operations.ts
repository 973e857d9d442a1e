import { ParseUUIDPipe, type Type } from '@nestjs/common';
import { METHOD_METADATA, ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import { PERMISSION, type Permission, type Policies } from '@opora/access';
import { described, type HeaderName } from './documented.js';
import { EXAMPLE_ID } from './fields.js';

export interface Schema { nullable?: boolean; type?: string | string[]; format?: string; properties?: Record<string, Schema>; $ref?: string; [key: string]: unknown }
export interface Parameter { name: string; in: string; required?: boolean; schema?: Schema }
export interface Response { description?: string; content?: object; headers?: object }
export interface Operation {
  operationId: string; summary?: string; security?: object[]; parameters?: Parameter[];
  requestBody?: { content: Record<string, { schema?: Schema }> }; responses: Record<string, Response>;
}

/** What the decorators of a route say that Swagger does not read. */
export interface Route {
  /** Empty: open to anyone. */
  readonly roles: readonly string[];
  /** Path parameters that have to be UUIDs. */
  readonly uuids: readonly string[];
}

/** By the method's name, which is the operationId. */
export const routesOf = (controllers: readonly Type[], policies: Policies): ReadonlyMap<string, Route> => new Map(controllers.flatMap((type) => Object.getOwnPropertyNames(type.prototype)
  .filter((name) => name !== 'constructor' && Reflect.hasMetadata(METHOD_METADATA, (Object.getOwnPropertyDescriptor(type.prototype, name)?.value ?? {}) as object))
  .map((name): [string, Route] => {
    const { action, open }: Permission = Reflect.getMetadata(PERMISSION, type.prototype[name] as object);
    const args: Record<string, { data?: string; pipes?: unknown[] }> = Reflect.getMetadata(ROUTE_ARGS_METADATA, type, name) ?? {};
    const uuids = Object.entries(args).filter(([key, { pipes }]) => key.startsWith(`${RouteParamtypes.PARAM}:`) && pipes?.includes(ParseUUIDPipe)).flatMap(([, { data }]) => data ?? []);
    return [name, { roles: open ? [] : policies.rolesFor(action), uuids }];
  })));

/** acceptReferral → Accept referral */
const sentence = (operationId: string): string => {
  const words = operationId.replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase();
  return words[0]!.toUpperCase() + words.slice(1);
};

const problem = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } };
const refused = (description: string, ...names: HeaderName[]): Response => ({ description, content: problem, ...(names.length > 0 && { headers: described(names) }) });

interface Shape { has(place: string, name?: string): boolean; readonly method: string; readonly namesThings: boolean; readonly route: Route }

const isCommand = ({ has, method }: Shape): boolean => has('header', 'Idempotency-Key') || ['put', 'patch', 'delete'].includes(method);

const refusals: readonly [status: string, when: (shape: Shape) => boolean, answer: (shape: Shape) => Response][] = [
  ['400', ({ has }) => has('body') || has('path'), () => refused('The body is not JSON, or an id in the path is no UUID')],
  ['401', ({ route }) => route.roles.length > 0, () => refused('No valid token', 'WWW-Authenticate')],
  ['403', ({ route }) => route.roles.length > 0, ({ route }) => refused(`The role is missing: ${route.roles.join(', ')}`)],
  ['404', ({ has, namesThings }) => has('path') || namesThings, () => refused('There is no such thing, or you may not see it')],
  ['409', isCommand, () => refused('It does not fit the present state')],
  ['412', ({ has }) => has('header', 'If-Match'), () => refused('The resource has changed')],
  ['413', ({ has }) => has('body'), () => refused('The body is too large')],
  ['415', ({ has }) => has('body'), () => refused('Not a media type we take')],
  ['422', ({ has }) => has('body') || has('query') || has('header', 'Idempotency-Key'), () => refused('A field is not valid; `errors` says which')],
  ['428', ({ has }) => has('header', 'If-Match'), () => refused('If-Match is missing')],
  ['429', () => true, () => refused('Too many requests', 'Retry-After', 'RateLimit-Limit', 'RateLimit-Remaining', 'RateLimit-Reset')],
  ['431', ({ has }) => has('query'), () => refused('The address and the headers are larger than 16 KB')],
  ['503', () => true, () => refused('Try again later', 'Retry-After')],
];

/** A POST that names a thing by its id may find that it is not there. */
const namesById = ({ requestBody }: Operation, schemas: Record<string, Schema>): boolean => Object.values(requestBody?.content ?? {}).some(({ schema }) =>
  Object.values(schemas[schema?.$ref?.split('/').at(-1) ?? '']?.properties ?? {}).some(({ format }) => format === 'uuid'));

const headersOf = (status: string, shape: Shape, path: string): HeaderName[] => {
  if (isCommand(shape)) return ['ETag', 'Opora-Plan-Entry', status === '201' ? 'Location' : 'Content-Location'];
  return shape.method === 'get' && path.endsWith('}') ? ['ETag'] : [];
};

const succeeded: Record<string, string> = { 200: 'What was asked for', 201: 'The new thing', 204: 'Done; there is nothing to answer' };

/** A page that tries an operation out sends the examples of its parameters: as filters and cursors they would find nothing. */
const unfilled = ({ schema: { example: _, ...schema } = {}, ...parameter }: Parameter): Parameter => ({ ...parameter, schema });

/** Completes what Swagger made of the decorators. Answers that a controller describes itself stay as they are. */
export const completed = (operation: Operation, method: string, path: string, route: Route, schemas: Record<string, Schema>): Operation => {
  // OpenAPI leaves these to media types and security.
  const parameters = (operation.parameters ?? []).filter((one) => one.in !== 'header' || !['content-type', 'accept', 'authorization'].includes(one.name.toLowerCase()))
    .map((one) => one.in === 'path' && route.uuids.includes(one.name) ? { ...one, schema: { type: 'string', format: 'uuid', example: EXAMPLE_ID } } : one.required ? one : unfilled(one));
  const has = (place: string, name?: string): boolean => place === 'body' ? operation.requestBody !== undefined : parameters.some((one) => one.in === place && (name ?? one.name) === one.name);
  const shape: Shape = { has, method, route, namesThings: method !== 'get' && namesById(operation, schemas) };
  const own = Object.entries(operation.responses).map(([status, response]): [string, Response] => {
    if (Number(status) >= 400) return [status, { ...refused(response.description ?? ''), ...response }];
    if (Number(status) >= 300) return [status, response];
    const headers = { ...described(headersOf(status, shape, path)), ...response.headers };
    const description = response.description || (status === '200' && isCommand(shape) ? 'The thing as it now stands' : succeeded[status] ?? 'Done');
    return [status, { ...response, description, ...(Object.keys(headers).length > 0 && { headers }) }];
  });
  const others = refusals.filter(([, when]) => when(shape)).map(([status, , answer]): [string, Response] => [status, answer(shape)]);
  return {
    ...operation, summary: operation.summary || sentence(operation.operationId), parameters, ...(route.roles.length === 0 && { security: [] }),
    responses: { ...Object.fromEntries(others), ...Object.fromEntries(own) },
  };
};

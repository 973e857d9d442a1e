import { Controller, Get } from '@nestjs/common';
import { AllowAnyone } from '@opora/access';
import { Answers, describeService, Text } from '@opora/service';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { VisitsService } from './visits.js';

interface Schema { $ref?: string; type?: string | string[]; format?: string; properties?: Record<string, Schema>; items?: Schema; allOf?: Schema[]; anyOf?: Schema[]; example?: unknown; required?: string[] }
interface Response { description: string; content?: Record<string, { schema?: Schema }>; headers?: Record<string, { description: string; schema: Schema }> }
interface Operation { operationId: string; summary: string; security?: object[]; responses: Record<string, Response>; parameters?: { name: string; in: string; required?: boolean; schema: Schema }[]; requestBody?: { content: Record<string, { schema?: Schema }> } }
interface Document { openapi: string; info: { title: string; version: string }; paths: Record<string, Record<string, Operation>>; components: { schemas: Record<string, Schema> } }

const root = join(import.meta.dirname, '../../..');
const generated = globSync('docs/openapi/*.json', { cwd: root }).map((path): [string, Document] => [basename(path, '.json'), JSON.parse(readFileSync(join(root, path), 'utf8')) as Document]);
const visits = JSON.parse(JSON.stringify(await describeService(VisitsService))) as Document;

const operations = ({ paths }: Document) => Object.entries(paths).flatMap(([path, item]) => Object.entries(item).map(([method, operation]) => ({ path, method, ...operation })));

const resolves = (document: object, pointer: string): boolean =>
  pointer.slice(2).split('/').reduce<unknown>((at, part) => (at as Record<string, unknown> | undefined)?.[part.replaceAll('~1', '/').replaceAll('~0', '~')], document) !== undefined;

/** A part's example is made of its own fields. */
const needsExample = ({ $ref, allOf, anyOf, items, properties }: Schema): boolean => !($ref ?? allOf ?? anyOf ?? properties) && (items === undefined || needsExample(items));

const withoutExample = (schema: Schema, at: string): string[] => [
  ...Object.entries(schema.properties ?? {}).flatMap(([name, one]) => [...(needsExample(one) && one.example === undefined ? [`${at}.${name}`] : []), ...withoutExample(one, `${at}.${name}`)]),
  ...(schema.items ? withoutExample(schema.items, at) : []),
];

const ajv = new Ajv2020({ strict: false });
(addFormats as unknown as (a: Ajv2020) => void)(ajv);

const wrongExamples = (schema: Schema, at: string): string[] => [
  ...(schema.example !== undefined && !JSON.stringify(schema).includes('$ref') && !ajv.validate(schema, schema.example) ? [`${at}: ${ajv.errorsText()}`] : []),
  ...Object.entries(schema.properties ?? {}).flatMap(([name, one]) => wrongExamples(one, `${at}.${name}`)),
  ...(schema.items ? wrongExamples(schema.items, at) : []),
];

it.each([['visits', visits] as [string, Document], ...generated])('the description of %s is OpenAPI 3.1, and complete', (_, document) => {
  expect(document).toMatchObject({ openapi: '3.1.0', info: { title: expect.any(String) as string, version: expect.any(String) as string } });
  const all = operations(document);
  const ids = all.map(({ operationId }) => operationId);
  expect(ids).toEqual([...new Set(ids)]);
  expect([...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, ref]) => ref!).filter((ref) => !resolves(document, ref))).toEqual([]);
  for (const { path, method, operationId, summary, parameters = [], responses, requestBody } of all) {
    const told = [operationId, summary, ...Object.values(responses).map(({ description }) => description), ...Object.values(responses).flatMap(({ headers }) => Object.values(headers ?? {}).map(({ description }) => description))];
    expect(told.filter((text) => !text)).toEqual([]);
    expect(Object.keys(responses).every((status) => /^[1-5]\d\d$/.test(status))).toBe(true);
    expect(Object.keys(responses).filter((status) => status.startsWith('2')).length).toBeGreaterThan(0);
    expect([path, ...parameters.filter((one) => one.in === 'path').map(({ name }) => name).sort()]).toEqual([path, ...[...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!).sort()]);
    expect(new Set(parameters.map((one) => `${one.in} ${one.name}`)).size).toBe(parameters.length);
    for (const one of parameters) expect([operationId, one.name, one.schema]).toEqual([operationId, one.name, expect.any(Object)]);
    if (method === 'get') {
      expect(requestBody).toBeUndefined();
      expect(Object.keys(responses).filter((status) => ['409', '412', '413', '415', '428'].includes(status))).toEqual([]);
    }
    for (const content of [requestBody?.content, ...Object.values(responses).map((response) => response.content)]) {
      for (const media of Object.values(content ?? {})) expect(media.schema).toBeDefined();
    }
  }
  const schemas = Object.entries(document.components.schemas);
  expect(schemas.flatMap(([name, schema]) => withoutExample(schema, name))).toEqual([]);
  expect(schemas.flatMap(([name, schema]) => wrongExamples(schema, name))).toEqual([]);
});

describe('The description of a service', () => {
  const of = (id: string) => operations(visits).find(({ operationId }) => operationId === id)!;
  const statuses = (id: string) => Object.keys(of(id).responses).join(' ');

  it('tells of each operation the refusals that it can answer, and no others', () => {
    expect(statuses('planVisit')).toBe('201 400 401 403 404 409 413 415 422 429 503');
    expect(statuses('listVisits')).toBe('200 401 403 422 429 431 503');
    expect(statuses('getVisit')).toBe('200 400 401 403 404 429 503');
    expect(statuses('holdVisit')).toBe('200 400 401 403 404 409 412 413 415 422 428 429 503');
    expect(statuses('searchVisits')).toBe('200 400 401 403 413 415 422 429 503');
    expect(statuses('countVisits')).toBe('200 429 503');
    expect(of('listVisits').responses['403']!.description).toBe('The role is missing: supervisor, visits:practitioner');
  });

  it('asks for no token where anyone may come', () => {
    expect(of('countVisits').security).toEqual([]);
    expect(of('listVisits').security).toBeUndefined();
  });

  it('describes the headers of each kind of answer', () => {
    const told = (id: string, status: string) => Object.keys(of(id).responses[status]!.headers ?? {});
    expect(told('planVisit', '201')).toEqual(['ETag', 'Opora-Plan-Entry', 'Location']);
    expect(told('holdVisit', '200')).toEqual(['ETag', 'Opora-Plan-Entry', 'Content-Location']);
    expect(told('getVisit', '200')).toEqual(['ETag']);
    expect(told('listVisits', '200')).toEqual([]);
    expect(told('countVisits', '200')).toEqual(['Preference-Applied']);
    expect(told('getVisit', '503')).toEqual(['Retry-After']);
  });

  it('makes a sentence of the operation’s name, and a UUID of what has to be one', () => {
    expect(of('holdVisit').summary).toBe('Hold visit');
    expect(of('holdVisit').parameters!.find(({ name }) => name === 'id')!.schema).toMatchObject({ type: 'string', format: 'uuid', example: expect.any(String) as string });
    expect(of('listVisits').parameters!.map(({ name, schema }) => [name, schema.example])).toEqual([['cursor', undefined], ['limit', undefined], ['status', undefined]]);
    expect(of('discardDeadLetter').parameters!.find(({ name }) => name === 'id')!.schema.format).toBeUndefined();
  });

  it('gives each field an example of its kind unless the field has one of its own', () => {
    const { properties = {} } = visits.components.schemas['PlanVisit']!;
    const example = (name: string) => properties[name]!.example;
    expect(['day', 'startsAt', 'urgent', 'minutes', 'languages', 'place', 'form', 'area'].map(example))
      .toEqual(['2026-03-01', '2026-03-01T09:30:00.000Z', true, 1, ['text'], 'other', {}, 'RU-MOW']);
    expect(example('clientId')).toMatch(/^[0-9a-f]{8}-/);
    expect(properties['languages']).toMatchObject({ type: 'array', minItems: 1, maxItems: 3, items: { type: 'string', minLength: 1, maxLength: 20 } });
    expect(properties['area']).toMatchObject({ pattern: '^[A-Z]{2}-[A-Z]+$' });
  });

  it('shows what the administrative routes take and answer', () => {
    expect(of('discardDeadLetter').requestBody!.content['application/json']!.schema).toEqual({ $ref: '#/components/schemas/DiscardFact' });
    for (const id of ['listDeadLetters', 'redriveDeadLetters', 'republish']) expect(of(id).responses['200']!.content!['application/json']!.schema!.$ref).toMatch(/View$/);
  });
});

it('is refused when two views of a service bear one name: Swagger would show the one for the other', async () => {
  const view = (example: string) => { class SameView { @Text(20, { example }) name!: string; } return SameView; };
  @Controller('v1/twins')
  class TwinsController {
    @AllowAnyone('twin.read') @Get('one') @Answers(view('one')) readOne(): object { return {}; }
    @AllowAnyone('twin.read') @Get('other') @Answers(view('other')) readOther(): object { return {}; }
  }
  await expect(describeService({ name: 'twins', version: '0.1.0', titles: { en: 'Twins', ru: 'Двойники' }, controllers: [TwinsController], migrations: [] })).rejects.toThrow('"SameView" is defined multiple times');
});

import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { contracts } from './registry.js';
import { Coded, Titles } from './values.js';

type Schema = Record<string, unknown>;

/** Every schema inside a schema, with its place. */
const parts = (schema: unknown, at = ''): [string, Schema][] => {
  if (typeof schema !== 'object' || schema === null) return [];
  const inner = Object.entries(schema).flatMap(([name, value]) => parts(value, `${at}/${name}`));
  return 'type' in schema && typeof schema.type === 'string' ? [[at, schema as Schema], ...inner] : inner;
};

const published = [Titles, Coded].map((schema) => JSON.stringify(schema));

/** Leaves out titles, which come from published lists. */
const withoutTitles = (schema: unknown): unknown => JSON.parse(JSON.stringify(schema), (_, value: unknown) =>
  (published.includes(JSON.stringify(value)) ? {} : value));

/** Where an object takes unknown fields, and where a string could hold anything. */
const loose = (schema: unknown) => {
  const all = parts(withoutTitles(schema));
  return {
    open: all.filter(([, part]) => part.type === 'object' && part.additionalProperties !== false).map(([at]) => at),
    free: all.filter(([, part]) => part.type === 'string' && !part.pattern && !part.format && !part.enum && !part.const).map(([at]) => at),
  };
};

it('finds what is loose', () => {
  expect(loose({ type: 'object', properties: { notes: { type: 'array', items: { type: 'string' } }, title: Coded } })).toEqual({ open: [''], free: ['/properties/notes/items'] });
});

describe.each(contracts.map((contract) => [contract.type, contract] as const))('%s', (type, { schema, topic, version, description }) => {
  it('is a valid schema, travels on its owner’s topic and says what happened', () => {
    const ajv = new Ajv2020({ strict: true, strictRequired: false });
    (addFormats as unknown as (a: Ajv2020) => void)(ajv);
    ajv.compile(schema);
    const [owner] = type.split('.');
    if (owner !== 'opora') expect(topic.name).toBe(`opora.${owner}.v1`);
    expect(type).toMatch(/^[a-z-]+(\.[a-z-]+)+$/);
    expect(version).toMatch(/^\d+\.\d+\.\d+$/);
    expect(description).not.toBe('');
  });

  it('takes no unknown field and no free text', () => {
    expect(loose(schema)).toEqual({ open: [], free: [] });
  });
});

it('no two contracts share a type', () => {
  expect(new Set(contracts.map(({ type }) => type)).size).toBe(contracts.length);
});

import { Type, type TSchema } from 'typebox';
import { againstReleases, incompatibilities, sameShape } from './compatibility.js';

const of = (fields: Record<string, TSchema>) => JSON.parse(JSON.stringify(Type.Object(fields, { additionalProperties: false }))) as Record<string, unknown>;
const text = Type.String();
const before = of({ id: text, note: Type.Optional(text), parts: Type.Array(Type.Object({ code: text })), way: Type.Union([text, Type.Null()]) });
const rest = { parts: Type.Array(Type.Object({ code: text })), way: Type.Union([text, Type.Null()]) };

it.each([
  ['an optional field comes', of({ id: text, note: Type.Optional(text), more: Type.Optional(Type.Integer()), ...rest })],
  ['an optional field goes', of({ id: text, ...rest })],
  ['words change', of({ id: Type.String({ description: 'The id' }), note: Type.Optional(text), ...rest })],
])('within a major: %s', (_, after) => {
  expect(incompatibilities(before, after)).toEqual([]);
});

it.each([
  ['a required field comes', of({ id: text, more: text, ...rest }), '/more is new and required'],
  ['a required field goes', of({ ...rest }), '/id was required and is gone'],
  ['a required field becomes optional', of({ id: Type.Optional(text), ...rest }), '/id was required and became optional'],
  ['an optional field becomes required', of({ id: text, note: text, ...rest }), '/note became required'],
  ['a field changes its type', of({ id: Type.Integer(), ...rest }), '/id#type changed'],
  ['an optional field changes its type', of({ id: text, note: Type.Optional(Type.Integer()), ...rest }), '/note#type changed'],
  ['a field gets a pattern', of({ id: Type.String({ pattern: '^a' }), ...rest }), '/id#pattern is new'],
  ['a field inside a list changes', of({ id: text, ...rest, parts: Type.Array(Type.Object({ code: Type.Integer() })) }), '/parts#items/code#type changed'],
  ['one of several forms changes', of({ id: text, ...rest, way: Type.Union([Type.Integer(), Type.Null()]) }), '/way#anyOf/0#type changed'],
  ['it opens to unknown fields', { ...of({ id: text, ...rest }), additionalProperties: true }, '#additionalProperties changed'],
])('needs a new major: %s', (_, after, why) => {
  expect(incompatibilities(before, after)).toEqual([why]);
});

it('compares shapes, not words, and knows a field that is called like an annotation', () => {
  expect(sameShape({ type: 'object', description: 'one' }, { type: 'object', description: 'other', 'x-topic': 'a' })).toBe(true);
  expect(incompatibilities(of({ title: text }), of({ title: Type.Integer() }))).toEqual(['/title#type changed']);
});

describe('against what was released', () => {
  const released = new Map([['1.0.0', before], ['1.1.0', of({ id: text, note: Type.Optional(text), late: Type.Optional(text), ...rest })]]);
  it.each([
    ['the newest version as released', '1.1.0', released.get('1.1.0')!, []],
    ['a compatible minor', '1.2.0', of({ id: text, ...rest }), []],
    ['a new major may break', '2.0.0', of({ other: text }), []],
    ['a released version with one more optional field', '1.1.0', of({ id: text, ...rest }), ['1.1.0 is released with another shape; give the change a version of its own: optional fields differ']],
    ['an older version', '1.0.0', before, ['1.0.0 is older than the released 1.1.0']],
    ['a field that comes back with another type', '1.2.0', of({ id: text, late: Type.Optional(Type.Integer()), ...rest }), ['1.2.0 breaks 1.1.0: /late#type changed']],
  ])('%s', (_, version, schema, expected) => {
    expect(againstReleases(version, schema, released)).toEqual(expected);
  });
});

import { unstorable } from './storable.js';

it('says where the trouble is', () => {
  expect(unstorable({ a: [{ 'b/c~': 'x\0' }] })).toMatchObject({ pointer: '/a/0/b~1c~0', code: 'not-text' });
  expect(unstorable({ a: { '\ud800': 1 } })).toMatchObject({ pointer: '/a', code: 'not-text' });
  expect(unstorable([{ a: Object.fromEntries(Array.from({ length: 1001 }, (_, i) => [i, i])) }])).toMatchObject({ pointer: '/0/a', code: 'too-many' });
});

it('says of too much that it is the whole', () => {
  expect(unstorable({ a: Array.from({ length: 100 }, () => Array.from({ length: 1000 }, () => 1)) })).toMatchObject({ pointer: '', code: 'too-many' });
});

it('stops at a depth that would break those who walk further', () => {
  let deep: unknown = 1;
  for (let i = 0; i < 5000; i += 1) deep = [deep];
  expect(unstorable(deep)).toMatchObject({ pointer: '/0'.repeat(100), code: 'too-deep' });
  expect(unstorable({ a: [1, 'б', null, { b: true }] })).toBeUndefined();
});

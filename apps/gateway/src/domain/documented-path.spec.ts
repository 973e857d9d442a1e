import { documentedPath } from './documented-path.js';

const described = ['/v1/studio/classes', '/v1/studio/classes/{id}', '/v1/studio/classes/next', '/v1/studio/classes/{id}.ics', '/v1/studio/classes/{id}:rate', '/v1/studio/people/{id}/classes/{number}'];

it.each([
  ['/v1/studio/classes', '/v1/studio/classes'],
  ['/v1/studio/classes/anna', '/v1/studio/classes/{id}'],
  ['/v1/studio/classes/next', '/v1/studio/classes/next'],
  ['/v1/studio/people/anna/classes/3', '/v1/studio/people/{id}/classes/{number}'],
  ['/v1/studio/anna', '/v1/studio/*'],
  ['/v1/studio/classes/', '/v1/studio/*'],
  ['/v1/studio/classes/anna/petrova', '/v1/studio/*'],
])('%s is %s', (path, expected) => {
  expect(documentedPath(described, 'studio', path)).toBe(expected);
});

it('takes the first description of several, and none of none', () => {
  expect(documentedPath(['/v1/studio/{id}:rate', '/v1/studio/{id}'], 'studio', '/v1/studio/7:rate')).toBe('/v1/studio/{id}:rate');
  expect(documentedPath([], 'studio', '/v1/studio/7')).toBe('/v1/studio/*');
});

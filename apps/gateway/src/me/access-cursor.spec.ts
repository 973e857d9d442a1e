import { cursorOf, positionOf } from './access-cursor.js';

it('is read as it was given out', () => expect(positionOf(cursorOf({ law: '12', gateway: '' }))).toEqual({ law: '12', gateway: '' }));

it.each(['x', cursorOf([] as never), cursorOf({ 'A b': '1' }), cursorOf({ law: 'x' })])('is none of ours: %s', (cursor) => expect(positionOf(cursor)).toBeUndefined());

import { given } from '@opora/domain';
import fc from 'fast-check';
import { starterInterpretations, starterScreening, type Item } from '../instruments/index.js';
import { agree, agreed, enterInError, evolve, retire, revise, scaleTroubles, type Interpretation, type InterpretationFact, type Scale } from './interpretation.js';

const at = '2026-03-02T09:00:00.000Z';
const uuid = (n: number) => `01900000-0000-7000-8000-00000000000${n}`;
const ids = { interpretationId: uuid(1), agency: 'centre', instrumentId: uuid(2), linkId: 'total' };
const text = { en: 'Little', ru: 'Мало' };
const scale = (ranges: [number, number][], least = 0, most = 10, step = 1): Scale => ({ least, most, step, source: 'Own decision', ranges: ranges.map(([from, to], i) => ({ from, to, code: `c${i}`, text })) });
const good = scale([[0, 4], [5, 10]]);
const made = agree(undefined, { ...ids, scale: good, taken: false, at });

it.each<[string, Scale, string, string]>([
  ['a gap', scale([[0, 4], [6, 10]]), 'range-gap', '/ranges/1/from'],
  ['an overlap', scale([[0, 5], [5, 10]]), 'range-overlap', '/ranges/1/from'],
  ['another order', scale([[5, 10], [0, 4]]), 'range-gap', '/ranges/0/from'],
  ['nothing for the least score', scale([[1, 10]]), 'range-gap', '/ranges/0/from'],
  ['nothing for the greatest score', scale([[0, 9]]), 'range-gap', '/ranges/0/to'],
  ['scores that are not possible', scale([[0, 11]]), 'range-overlap', '/ranges/0/to'],
  ['a range that ends before it begins', scale([[0, 10], [11, 10]], 0, 10), 'range-inverted', '/ranges/1/to'],
  ['no step', scale([[0, 10]], 0, 10, 0), 'not-positive', '/step'],
  ['a score between the steps', scale([[0, 4.5], [5.5, 10]]), 'off-step', '/ranges/0/to'],
  ['a code twice', { ...good, ranges: good.ranges.map((range) => ({ ...range, code: 'same' })) }, 'code-repeated', '/ranges/1/code'],
])('is refused with %s', (_, wrong, code, pointer) => {
  expect(scaleTroubles(wrong)).toContainEqual({ pointer, code, detail: expect.any(String) });
  expect(() => agree(undefined, { ...ids, scale: wrong, taken: false, at })).toThrow(expect.objectContaining({ code: 'interpretation-invalid' }));
});

it.each([good, scale([[0, 10]]), scale([[0, 0.4], [0.5, 0.9], [1, 1]], 0, 1, 0.1), scale([[-2, -1], [0, 2]], -2, 2)])('is taken when every score has one meaning', (one) => expect(scaleTroubles(one)).toEqual([]));

it('gives every possible score exactly one meaning', () => fc.assert(fc.property(
  fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 8 }), fc.constantFrom(1, 0.5, 0.1), fc.integer({ min: -20, max: 20 }), (widths, step, least) => {
    let next = least;
    const ranges = widths.map((width, i) => {
      const from = next;
      const to = least + Math.round((from - least) / step + width - 1) * step;
      next = least + Math.round((to - least) / step + 1) * step;
      return { from, to, code: `c${i}`, text };
    });
    const one = { least, most: ranges.at(-1)!.to, step, ranges, source: 'x' };
    expect(scaleTroubles(one)).toEqual([]);
    const known = evolve(undefined, agree(undefined, { ...ids, scale: one, taken: false, at })[0]!);
    const codes = Array.from({ length: Math.round((one.most - least) / step) + 1 }, (_, i) => agreed([known], { linkId: 'total', value: least + i * step })?.code);
    expect(codes).toEqual(widths.flatMap((width, i) => Array<string>(width).fill(`c${i}`)));
  }), { numRuns: 200 }));

type Step = [name: string, history: InterpretationFact[], decide: (i: Interpretation | undefined) => InterpretationFact[], then: { refused?: string; status?: Interpretation['status'] }];
const gone = retire(made.reduce<Interpretation | undefined>(evolve, undefined), { at });

it.each<Step>([
  ['one is agreed', [], (i) => agree(i, { ...ids, scale: good, taken: false, at }), { status: 'active' }],
  ['there is one of each score', [], (i) => agree(i, { ...ids, scale: good, taken: true, at }), { refused: 'interpretation-exists' }],
  ['an id stands for one', made, (i) => agree(i, { ...ids, scale: good, taken: false, at }), { refused: 'already-agreed' }],
  ['it is revised', made, (i) => revise(i, { scale: scale([[0, 10]]), at }), { status: 'active' }],
  ['it is retired', made, (i) => retire(i, { at }), { status: 'retired' }],
  ['a retired one is not revised', [...made, ...gone], (i) => revise(i, { scale: good, at }), { refused: 'wrong-status' }],
  ['a mistaken one goes', [...made, ...gone], (i) => enterInError(i, { reason: 'other', at }), { status: 'entered-in-error' }],
  ['what is not there is not retired', [], (i) => retire(i, { at }), { refused: 'not-found' }],
])('%s', (_, history, decide, { refused, status }) => expect(given(evolve, ...history).when(decide)).toMatchObject(refused ? { refused } : { state: { status } }));

it('keeps its texts to itself, and what was said by an earlier version', () => {
  const facts = [...made, ...revise(made.reduce<Interpretation | undefined>(evolve, undefined), { scale: scale([[0, 10]]), at })];
  const state = given(evolve, ...facts).state!;
  expect(JSON.stringify(facts.map(({ data }) => data))).not.toMatch(/Little|Мало|Own/);
  expect(agreed([state], { linkId: 'total', value: 7 })).toEqual({ interpretationId: uuid(1), interpretationVersion: 2, code: 'c0', text, source: 'Own decision' });
  expect([agreed([state], { linkId: 'total', value: 11 }), agreed([state], { linkId: null, value: 7 })]).toEqual([undefined, undefined]);
});

const most = (item: Item): number => Math.max(0, ...(item.answerOption ?? []).map(({ extension }) => extension?.[0]?.valueDecimal ?? 0)) + (item.item ?? []).reduce((sum, one) => sum + most(one), 0);

it('the shipped ones cover every score of the starter screening', () => {
  const groups = starterScreening.item!.filter(({ type }) => type === 'group');
  expect(starterInterpretations.map(({ linkId, most: greatest }) => [linkId, greatest])).toEqual([
    ...groups.map((group) => [`${group.linkId}-score`, most(group)]), ['total-score', groups.reduce((sum, group) => sum + most(group), 0)]]);
  expect(starterInterpretations.flatMap((one) => scaleTroubles(one))).toEqual([]);
});

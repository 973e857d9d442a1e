import type { QuestionnaireResponse, Questionnaire } from './fhir.js';
import { readForm } from './form.js';
import { optionFor } from './options.js';
import type { Place } from './places.js';
import type { Calculated, Evaluation, EvaluationInput, Score } from './results.js';
import { settle, type Settled } from './settlement.js';
import { valueIn } from './values.js';

interface Answered {
  place: Place;
  pointer: string;
  value: ReturnType<typeof valueIn>;
}

const pointersIn = (response: QuestionnaireResponse): Map<object, string> => {
  const pointers = new Map<object, string>();
  const walk = (holder: { item?: QuestionnaireResponse['item'] }, at: string): void => holder.item?.forEach((item, index) => {
    pointers.set(item, `${at}/item/${index}`);
    walk(item, `${at}/item/${index}`);
    item.answer?.forEach((answer, number) => walk(answer, `${at}/item/${index}/answer/${number}`));
  });
  walk(response, '');
  return pointers;
};

const numberIn = (value: unknown): number | undefined => {
  const number = typeof value === 'object' && value !== null ? (value as { value?: unknown }).value : value;
  return typeof number === 'number' ? number : undefined;
};

/** Sums that people add up on paper are decimal: 0.1 + 0.2 must not come out as 0.30000000000000004. */
const sum = (numbers: number[]): number => Number(numbers.reduce((total, one) => total + one, 0).toFixed(10));

const calculatedScores = (answered: Answered[]): Score[] => answered.flatMap(({ place, value }) => {
  const { item, calculated } = place.form!;
  const number = calculated && numberIn(value?.value);
  const coding = item.code?.[0];
  return number === undefined ? [] : [{
    linkId: item.linkId, ...(coding ? { code: { system: coding.system, code: coding.code } } : {}), value: number, kind: 'calculated' as const,
    explanation: calculated!.expression,
  }];
});

const ordinals = (answered: Answered[]): Score[] => {
  const points = answered.flatMap(({ place, value }) => {
    const weight = place.enabled !== false && !place.form!.calculated && value ? optionFor(place.form!.options, value)?.weight : undefined;
    return weight ? [{ linkId: place.form!.item.linkId, points: weight.value }] : [];
  });
  return points.length === 0 ? [] : [{
    linkId: null, value: sum(points.map((one) => one.points)), kind: 'ordinal-sum',
    explanation: points.map((one) => `${one.linkId}: ${one.points}`).join(' + '),
  }];
};

export const evaluationOf = ({ form, response, places, notComputed }: Settled): Evaluation => {
  const pointers = pointersIn(response);
  const answered: Answered[] = places.flatMap((place) => (place.item?.answer ?? []).map((answer, index) => (
    { place, pointer: `${pointers.get(place.item!)}/answer/${index}`, value: valueIn(answer) })));
  const calculated = answered.flatMap(({ place, pointer, value }): Calculated[] => (place.form!.calculated && value ? [{
    linkId: place.form!.item.linkId, pointer, type: value.type, value: value.value, expression: place.form!.calculated.expression,
  }] : []));
  const notVerified = answered.filter(({ place, value }) => value?.type === 'Coding' && !optionFor(place.form!.options, value)).map(({ pointer }) => pointer);
  const scores = [...calculatedScores(answered), ...ordinals(answered)];
  const ordinalSum = scores.find(({ kind }) => kind === 'ordinal-sum')?.value ?? null;
  const met = new Set(places.map((place) => place.form));
  const placeless = [...form.byLinkId.values()].filter((one) => one.calculated && !met.has(one)).map((one) => ({ linkId: one.item.linkId, reason: 'no-place' as const }));
  return { response, calculated, scores, ordinalSum, notComputed: [...notComputed, ...placeless], notVerified };
};


/**
 * Scores a response. Plain JSON in and out. Expects a questionnaire that `checkQuestionnaire` accepts and a response that `validateResponse`
 * has no trouble with; the same input gives the same result.
 */
export const evaluateResponse = (questionnaire: Questionnaire, response: QuestionnaireResponse, input: EvaluationInput): Evaluation =>
  evaluationOf(settle(readForm(questionnaire), response, input));

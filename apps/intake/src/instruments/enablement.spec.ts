import type { Item, Questionnaire, QuestionnaireResponse, ResponseItem } from './fhir.js';
import { validateResponse } from './validation.js';
import { evaluateResponse } from './evaluation.js';

const input = { now: '2026-03-01T09:30:00.000Z' };
const response = (...items: object[]) => ({ resourceType: 'QuestionnaireResponse', item: items }) as QuestionnaireResponse;
const answered = (linkId: string, ...answer: object[]) => ({ linkId, answer }) as ResponseItem;
const form = (...item: object[]) => ({ resourceType: 'Questionnaire', item }) as Questionnaire;
const enabledWhen = (expression: string) => [{ url: 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-enableWhenExpression', valueExpression: { language: 'text/fhirpath', expression } }];

/** Whether an answer to `b` is accepted, when `a` is answered so. */
const enabled = (type: string, when: object[], answers: object[], more: Partial<Item> = {}): boolean => validateResponse(
  form({ linkId: 'a', type, repeats: true, ...more }, { linkId: 'b', type: 'string', enableWhen: when.map((one) => ({ question: 'a', ...one })) }),
  response(answered('a', ...answers), answered('b', { valueString: 'x' })), { ...input, status: 'completed' }).length === 0;

it.each<[string, boolean, string, object, object[]]>([
  ['= some answer', true, 'integer', { operator: '=', answerInteger: 2 }, [{ valueInteger: 1 }, { valueInteger: 2 }]],
  ['= no answer', false, 'integer', { operator: '=', answerInteger: 3 }, [{ valueInteger: 1 }]],
  ['!= when unanswered', true, 'integer', { operator: '!=', answerInteger: 3 }, []],
  ['!= when one of two is equal', false, 'integer', { operator: '!=', answerInteger: 1 }, [{ valueInteger: 1 }, { valueInteger: 2 }]],
  ['> when unanswered', false, 'integer', { operator: '>', answerInteger: 1 }, []],
  ['> with some greater answer', true, 'decimal', { operator: '>', answerDecimal: 1.5 }, [{ valueDecimal: 1 }, { valueDecimal: 2 }]],
  ['>= with the same day', true, 'date', { operator: '>=', answerDate: '2026-03-01' }, [{ valueDate: '2026-03-01' }]],
  ['= with a month against its day', false, 'date', { operator: '=', answerDate: '2026-03-01' }, [{ valueDate: '2026-03' }]],
  ['= with the same instant in another zone', true, 'dateTime', { operator: '=', answerDateTime: '2026-03-01T09:30:00Z' }, [{ valueDateTime: '2026-03-01T12:30:00+03:00' }]],
  ['< with quantities of one unit', true, 'quantity', { operator: '<', answerQuantity: { value: 5, code: 'kg' } }, [{ valueQuantity: { value: 4, code: 'kg' } }]],
  ['< with quantities of two units', false, 'quantity', { operator: '<', answerQuantity: { value: 5, code: 'kg' } }, [{ valueQuantity: { value: 4, code: 'g' } }]],
  ['exists true', true, 'string', { operator: 'exists', answerBoolean: true }, [{ valueString: 'x' }]],
  ['exists false', false, 'string', { operator: 'exists', answerBoolean: false }, [{ valueString: 'x' }]],
  ['a coding by system and code', false, 'choice', { operator: '=', answerCoding: { code: 'a' } }, [{ valueCoding: { system: 's', code: 'a' } }]],
  ['a string against a coding', false, 'choice', { operator: '=', answerString: 'a' }, [{ valueCoding: { code: 'a' } }]],
  ['not even != with another type', false, 'choice', { operator: '!=', answerString: 'b' }, [{ valueCoding: { code: 'a' } }]],
])('%s: %s', (_, expected, type, when, answers) => expect(enabled(type, [when], answers)).toBe(expected));

it('takes any condition unless all are asked for', () => {
  const when = [{ operator: '=', answerInteger: 1 }, { operator: '=', answerInteger: 2 }];
  expect(enabled('integer', when, [{ valueInteger: 1 }])).toBe(true);
  const all = form({ linkId: 'a', type: 'integer' }, { linkId: 'b', type: 'string', enableBehavior: 'all', enableWhen: when.map((one) => ({ question: 'a', ...one })) });
  expect(validateResponse(all, response(answered('a', { valueInteger: 1 }), answered('b', { valueString: 'x' })), { ...input, status: 'completed' })).toMatchObject([{ code: 'disabled-answered' }]);
});

it('counts a disabled question as unanswered', () => {
  const chain = form({ linkId: 'a', type: 'boolean' }, { linkId: 'b', type: 'boolean', enableWhen: [{ question: 'a', operator: '=', answerBoolean: true }] },
    { linkId: 'c', type: 'string', enableWhen: [{ question: 'b', operator: '=', answerBoolean: true }] });
  const sent = response(answered('a', { valueBoolean: false }), answered('b', { valueBoolean: true }), answered('c', { valueString: 'x' }));
  expect(validateResponse(chain, sent, { ...input, status: 'completed' })).toMatchObject([{ linkId: 'b', pointer: '/item/1' }, { linkId: 'c', pointer: '/item/2' }]);
});

it('asks the question of the same repetition', () => {
  const group = form({ linkId: 'g', type: 'group', repeats: true, item: [{ linkId: 'a', type: 'boolean' }, { linkId: 'b', type: 'string', enableWhen: [{ question: 'a', operator: '=', answerBoolean: true }] }] });
  const repetition = (yes: boolean) => ({ linkId: 'g', item: [answered('a', { valueBoolean: yes }), answered('b', { valueString: 'x' })] });
  expect(validateResponse(group, response(repetition(true), repetition(false)), { ...input, status: 'completed' })).toMatchObject([{ pointer: '/item/1/item/1' }]);
});

it('survives conditions that go round in a circle', () => {
  const circle = form({ linkId: 'a', type: 'boolean', enableWhen: [{ question: 'b', operator: 'exists', answerBoolean: true }] }, { linkId: 'b', type: 'boolean', enableWhen: [{ question: 'a', operator: 'exists', answerBoolean: true }] });
  expect(validateResponse(circle, response(), { ...input, status: 'completed' })).toEqual([]);
});

it.each<[string, string, boolean, string | undefined]>([
  ['is true', "%resource.item.where(linkId='a').answer.value > 1", true, undefined],
  ['is false', "%resource.item.where(linkId='a').answer.value > 5", false, undefined],
  ['is empty', '{}', false, undefined],
  ['cannot be evaluated: permitted, and said', '%undefined', true, 'undefined-variable'],
  ['calls with too few arguments: permitted, and said', 'iif(true)', true, 'wrong-arity'],
])('an expression that %s', (_, expression, expected, reason) => {
  const one = form({ linkId: 'a', type: 'integer' }, { linkId: 'b', type: 'string', extension: enabledWhen(expression) });
  const sent = response(answered('a', { valueInteger: 2 }), answered('b', { valueString: 'x' }));
  expect(validateResponse(one, sent, { ...input, status: 'completed' }).length === 0).toBe(expected);
  expect(evaluateResponse(one, sent, input).notComputed).toEqual(reason ? [{ linkId: 'b', reason }] : []);
});

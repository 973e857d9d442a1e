import type { Item, QuestionnaireResponse, ResponseItem } from './fhir.js';
import { validateResponse } from './validation.js';

const core = 'http://hl7.org/fhir/StructureDefinition/';
const input = { now: '2026-03-01T09:30:00.000Z', status: 'completed' as const };
const coding = (code: string, system?: string) => ({ valueCoding: { ...(system ? { system } : {}), code } });
const answered = (linkId: string, ...answer: object[]) => ({ linkId, answer }) as ResponseItem;

const item: Item[] = [
  { linkId: 'text', type: 'string', maxLength: 5 },
  { linkId: 'count', type: 'integer', extension: [{ url: `${core}minValue`, valueInteger: 1 }, { url: `${core}maxValue`, valueInteger: 9 }] },
  { linkId: 'day', type: 'date' },
  { linkId: 'amount', type: 'quantity' },
  { linkId: 'pick', type: 'choice', answerOption: [{ valueCoding: { system: 's', code: 'a' } }, { valueCoding: { code: 'b' } }, { valueCoding: { display: 'Other' } }] },
  { linkId: 'open', type: 'open-choice', answerOption: [{ valueCoding: { code: 'a' } }] },
  { linkId: 'numbers', type: 'choice', answerOption: [{ valueInteger: 1 }, { valueInteger: 2 }] },
  { linkId: 'whom', type: 'reference', answerOption: [{ valueReference: { reference: 'Organization/1' } }, { valueReference: { reference: 'Organization/2' } }] },
  { linkId: 'outside', type: 'choice', answerValueSet: 'http://loinc.org/vs/LL1' },
  { linkId: 'many', type: 'string', repeats: true, extension: [{ url: `${core}questionnaire-maxOccurs`, valueInteger: 2 }] },
  { linkId: 'parent', type: 'boolean', item: [{ linkId: 'child', type: 'string', required: true }] },
  { linkId: 'hint', type: 'display', text: 'Read this' },
  { linkId: 'group', type: 'group', item: [{ linkId: 'inner', type: 'string', required: true }] },
  { linkId: 'repeated', type: 'group', repeats: true, item: [{ linkId: 'in-repetition', type: 'string' }] },
  { linkId: 'code', type: 'string', extension: [{ url: `${core}regex`, valueString: '[A-Z]{2}\\d' }, { url: `${core}minLength`, valueInteger: 2 }] },
  { linkId: 'price', type: 'decimal', extension: [{ url: `${core}maxDecimalPlaces`, valueInteger: 2 }] },
  { linkId: 'weight', type: 'quantity', extension: [{ url: 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-minQuantity', valueQuantity: { value: 2, code: 'kg' } }] },
  { linkId: 'ticks', type: 'choice', repeats: true, answerOption: [{ valueString: 'x' }, { valueString: 'y' }, { valueString: 'none', extension: [{ url: `${core}questionnaire-optionExclusive`, valueBoolean: true }] }] },
  { linkId: 'asked-if-yes', type: 'string', required: true, enableWhen: [{ question: 'parent', operator: '=', answerBoolean: true }] },
  { linkId: 'checked', type: 'group', item: [{ linkId: 'from', type: 'integer' }, { linkId: 'to', type: 'integer' }], extension: [{
    url: `${core}targetConstraint`, extension: [{ url: 'severity', valueCode: 'error' },
      { url: 'expression', valueExpression: { language: 'text/fhirpath', expression: "item.where(linkId='from').answer.value <= item.where(linkId='to').answer.value" } }] }] },
];

const troubles = (items: unknown, status: 'completed' | 'in-progress' = 'completed') => validateResponse(
  { resourceType: 'Questionnaire', item }, { resourceType: 'QuestionnaireResponse', item: items } as QuestionnaireResponse, { ...input, status });

it.each<[code: string, pointer: string, items: unknown]>([
  ['type-mismatch', '/item', 5],
  ['type-mismatch', '/item/0', [null]],
  ['unknown-linkId', '/item/0/linkId', [answered('nobody', { valueString: 'x' })]],
  ['wrong-place', '/item/0', [answered('inner', { valueString: 'x' })]],
  ['wrong-nesting', '/item/0/item/0', [{ ...answered('parent', { valueBoolean: false }), item: [answered('child', { valueString: 'x' })] }]],
  ['wrong-nesting', '/item/1', [answered('many', { valueString: 'x' }), answered('many', { valueString: 'y' })]],
  ['too-many-answers', '/item/1', [{ linkId: 'group', item: [answered('inner', { valueString: 'x' })] }, { linkId: 'group', item: [answered('inner', { valueString: 'x' })] }]],
  ['too-many-answers', '/item/0/answer', [answered('text', { valueString: 'x' }, { valueString: 'y' })]],
  ['too-many-answers', '/item/0', [answered('many', { valueString: 'x' }, { valueString: 'y' }, { valueString: 'z' })]],
  ['group-answered', '/item/0/answer', [answered('group', { valueString: 'x' })]],
  ['display-answered', '/item/0/answer', [answered('hint', { valueString: 'x' })]],
  ['value-missing', '/item/0/answer/0', [answered('text', {})]],
  ['several-values', '/item/0/answer/0', [answered('text', { valueString: 'x', valueInteger: 1 })]],
  ['type-mismatch', '/item/0/answer/0/valueInteger', [answered('text', { valueInteger: 1 })]],
  ['type-mismatch', '/item/0/answer/0/valueInteger', [answered('amount', { valueInteger: 1 })]],
  ['type-mismatch', '/item/0/answer/0/valueInteger', [answered('count', { valueInteger: 1.5 })]],
  ['type-mismatch', '/item/0/answer/0/valueDate', [answered('day', { valueDate: '2026-02-29' })]],
  ['too-long', '/item/0/answer/0/valueString', [answered('text', { valueString: '123456' })]],
  ['too-small', '/item/0/answer/0', [answered('count', { valueInteger: 0 })]],
  ['too-large', '/item/0/answer/0', [answered('count', { valueInteger: 10 })]],
  ['not-an-option', '/item/0/answer/0/valueCoding', [answered('pick', coding('a'))]],
  ['not-an-option', '/item/0/answer/0/valueCoding', [answered('pick', coding('b', 's'))]],
  ['not-an-option', '/item/0/answer/0/valueReference', [answered('whom', { valueReference: { reference: 'Organization/3' } })]],
  ['not-an-option', '/item/0/answer/0/valueInteger', [answered('numbers', { valueInteger: 3 })]],
  ['not-an-option', '/item/0/answer/0/valueCoding', [answered('outside', coding('LA1'))]],
  ['pattern-mismatch', '/item/0/answer/0/valueString', [answered('code', { valueString: 'AB1 ' })]],
  ['too-short', '/item/0/answer/0/valueString', [answered('code', { valueString: 'A' })]],
  ['too-many-decimals', '/item/0/answer/0/valueDecimal', [answered('price', { valueDecimal: 1.005 })]],
  ['too-small', '/item/0/answer/0', [answered('weight', { valueQuantity: { value: 1, code: 'kg' } })]],
  ['option-exclusive', '/item/0/answer', [answered('ticks', { valueString: 'x' }, { valueString: 'none' })]],
  ['type-mismatch', '/item/0/answer/0/valueString', [answered('text', { valueString: 'a\0b' })]],
  ['required-missing', '/item/0', [{ linkId: 'group' }]],
  ['required-missing', '/item/0/answer/0', [answered('parent', { valueBoolean: false })]],
  ['disabled-answered', '/item/0', [answered('asked-if-yes', { valueString: 'x' })]],
  ['constraint-violated', '/item/0', [{ linkId: 'checked', item: [answered('from', { valueInteger: 2 }), answered('to', { valueInteger: 1 })] }]],
])('%s at %s', (code, pointer, items) => expect(troubles(items)[0]).toMatchObject({ code, pointer }));

it.each<[string, unknown]>([
  ['nothing at all', undefined],
  ['a group that is absent with what it requires', []],
  ['options by system and code, by code alone, by display', [answered('pick', coding('a', 's'))]],
  ['an option without code', [answered('pick', { valueCoding: { display: 'Other' } })]],
  ['free text on an open choice', [answered('open', { valueString: 'own words' })]],
  ['an option that is a reference, named otherwise', [answered('whom', { valueReference: { reference: 'Organization/1', display: 'Ours' } })]],
  ['options that are numbers', [answered('numbers', { valueInteger: 2 })]],
  ['a coding from outside', [answered('outside', coding('LA1', 'http://loinc.org'))]],
  ['a pattern, places and ticks that are kept', [answered('code', { valueString: 'AB1' }), answered('price', { valueDecimal: 1.05 }), answered('ticks', { valueString: 'x' }, { valueString: 'y' })]],
  ['a repeating group', [{ linkId: 'repeated', item: [answered('in-repetition', { valueString: 'x' })] }, { linkId: 'repeated' }]],
  ['all that was asked', [answered('parent', { valueBoolean: true, item: [answered('child', { valueString: 'x' })] }), answered('asked-if-yes', { valueString: 'x' })]],
  ['a constraint that is kept', [{ linkId: 'checked', item: [answered('from', { valueInteger: 1 }), answered('to', { valueInteger: 1 })] }]],
])('is valid: %s', (_, items) => expect(troubles(items)).toEqual([]));

it('lets an unfinished response lack answers, but not have wrong ones', () => {
  expect(troubles([{ linkId: 'group' }], 'in-progress')).toEqual([]);
  expect(troubles([answered('text', { valueInteger: 1 })], 'in-progress')).toMatchObject([{ code: 'type-mismatch' }]);
});

it('names the item that is missing by its linkId', () => expect(troubles([{ linkId: 'group' }])).toMatchObject([{ linkId: 'inner', detail: expect.stringContaining('inner') }]));

it('never repeats what was sent', () => expect(JSON.stringify(troubles([answered('canary-linkid', {}), answered('text', { valueString: 'canary-text' }), answered('pick', coding('canary-code'))]))).not.toContain('canary'));

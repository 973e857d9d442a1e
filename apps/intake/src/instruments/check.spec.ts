import { checkQuestionnaire } from './check.js';

const sdc = 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-';
const variable = 'http://hl7.org/fhir/StructureDefinition/variable';
const ordinalValue = 'http://hl7.org/fhir/StructureDefinition/ordinalValue';
const form = (...item: object[]) => ({ resourceType: 'Questionnaire', status: 'draft', item });
const expression = (url: string, text: string, name?: string, language = 'text/fhirpath') => ({ url, valueExpression: { name, language, expression: text } });
const calculated = (text: string, language?: string) => expression(`${sdc}calculatedExpression`, text, undefined, language);
const total = (...extension: object[]) => form({ linkId: 'total', type: 'integer', extension });
const nested = (levels: number): object => ({ linkId: `at-${levels}`, type: 'group', ...(levels ? { item: [nested(levels - 1)] } : {}) });

describe('a questionnaire is refused', () => {
  it.each<[string, unknown, string, string]>([
    ['not an object', 'text', 'not-a-questionnaire', '/resourceType'],
    ['another resource', { resourceType: 'Patient' }, 'not-a-questionnaire', '/resourceType'],
    ['items that are no list', { resourceType: 'Questionnaire', item: {} }, 'wrong-type', '/item'],
    ['an item that is no object', form(null as unknown as object), 'wrong-type', '/item/0'],
    ['no linkId', form({ type: 'string' }), 'linkId-missing', '/item/0/linkId'],
    ['a linkId twice', form({ linkId: 'a', type: 'string' }, { linkId: 'b', type: 'group', item: [{ linkId: 'a', type: 'string' }] }), 'linkId-repeated', '/item/1/item/0/linkId'],
    ['an R5 type', form({ linkId: 'a', type: 'coding' }), 'unknown-type', '/item/0/type'],
    ['a text for a boolean', form({ linkId: 'a', type: 'string', required: 'true' }), 'wrong-type', '/item/0/required'],
    ['an option without value', form({ linkId: 'a', type: 'choice', answerOption: [{}] }), 'option-without-value', '/item/0/answerOption/0'],
    ['a condition on nothing', form({ linkId: 'a', type: 'string', enableWhen: [{ question: 'z', operator: 'exists', answerBoolean: true }] }), 'unknown-question', '/item/0/enableWhen/0/question'],
    ['a condition without answer', form({ linkId: 'a', type: 'string', enableWhen: [{ question: 'a', operator: '=' }] }), 'condition-without-answer', '/item/0/enableWhen/0'],
    ['an unknown operator', form({ linkId: 'a', type: 'string', enableWhen: [{ question: 'a', operator: '~', answerString: 'x' }] }), 'unknown-operator', '/item/0/enableWhen/0/operator'],
    ['a modifier extension', form({ linkId: 'a', type: 'string', modifierExtension: [{ url: 'urn:not', valueBoolean: true }] }), 'unknown-modifier', '/item/0/modifierExtension'],
    ['a modifier extension on an option', form({ linkId: 'a', type: 'choice', answerOption: [{ valueString: 'x', modifierExtension: [{ url: 'urn:not' }] }] }), 'unknown-modifier', '/item/0/answerOption/0/modifierExtension'],
    ['rules that change its meaning', { ...form(), implicitRules: 'urn:rules' }, 'unknown-modifier', '/implicitRules'],
    ['extensions that are no list', form({ linkId: 'a', type: 'string', extension: { url: 'urn:x' } }), 'wrong-type', '/item/0/extension'],
    ['an unassembled form', form({ linkId: 'a', type: 'display', extension: [{ url: `${sdc}subQuestionnaire`, valueCanonical: 'urn:part' }] }), 'not-assembled', '/item/0/extension/0'],
    ['31 levels', form(nested(31)), 'too-deep', ''],
    ['5,001 items', form(...Array.from({ length: 5001 }, (_, index) => ({ linkId: `${index}`, type: 'string' }))), 'too-many-items', ''],
    ['what does not parse', total(calculated('1 +')), 'does-not-parse', '/item/0/extension/0/valueExpression/expression'],
    ['an unknown function', total(calculated('item.summ()')), 'unknown-function', '/item/0/extension/0/valueExpression/expression'],
    ['a wrong number of arguments', total(calculated('iif(true)')), 'wrong-arity', '/item/0/extension/0/valueExpression/expression'],
    ['a call of the network', total(calculated("%resource.descendants().where(resolve().exists())")), 'unknown-function', '/item/0/extension/0/valueExpression/expression'],
    ['a long expression', total(calculated(`1${'+1'.repeat(5000)}`)), 'too-long', '/item/0/extension/0/valueExpression/expression'],
    ['brackets upon brackets', total(calculated(`${'('.repeat(4000)}1${')'.repeat(4000)}`)), 'does-not-parse', '/item/0/extension/0/valueExpression/expression'],
    ['two calculations', total(calculated('1'), calculated('2')), 'expression-repeated', '/item/0/extension/1/valueExpression'],
    ['two meanings of a variable', total(expression(variable, '1', 'x'), expression(variable, '2', 'x')), 'variable-repeated', '/item/0/extension/1/valueExpression'],
    ['a score that is a text', form({ linkId: 'a', type: 'choice', answerOption: [{ valueCoding: { code: 'x' }, extension: [null, { url: ordinalValue, valueDecimal: '3' }] }] }), 'weight-not-a-number', '/item/0/answerOption/0/extension/1/valueDecimal'],
    ['a score of a contained set that is a text', { ...form(), contained: [{ resourceType: 'ValueSet', expansion: { contains: [{ code: 'x', extension: [{ url: ordinalValue, valueInteger: '3' }] }] } }] }, 'weight-not-a-number', '/contained/0/expansion/contains/0/extension/0/valueInteger'],
    ['a contained set out of shape', { ...form({ linkId: 'a', type: 'choice', answerValueSet: '#s' }), contained: [{ resourceType: 'ValueSet', id: 's', compose: { include: 5 } }] }, 'malformed', ''],
  ])('with %s', (_, document, code, pointer) => {
    expect(checkQuestionnaire(document).problems).toEqual([{ code, pointer, detail: expect.any(String) }]);
  });

  it('without recursion when it is 3,000 levels deep', () => {
    const deep = JSON.parse(`{"resourceType":"Questionnaire","x":${'['.repeat(3000)}${']'.repeat(3000)}}`);
    expect(checkQuestionnaire(deep).problems).toMatchObject([{ code: 'too-deep' }]);
  });
});

describe('a questionnaire is taken in', () => {
  it.each<[string, unknown]>([
    ['with the same calculation twice', total(calculated('1'), calculated('1'))],
    ['with scores that are null or missing', form({ linkId: 'a', type: 'choice', answerOption: [{ valueString: 'x', extension: [{ url: ordinalValue, valueDecimal: null }, { url: ordinalValue }] }] })],
    ['with the names that FHIR has for code systems', total(calculated("iif(%sct = 'http://snomed.info/sct' and %loinc = 'http://loinc.org' and %ucum.exists(), 1, 0)"))],
    ['with nulls among the extensions', form({ linkId: 'a', type: 'string', extension: [null] })],
    ['with a display that is required', form({ linkId: 'a', type: 'display', required: true })],
    ['with unknown elements and no status', { resourceType: 'Questionnaire', comment: 'x', item: [] }],
    ['with the pattern of an e-mail address', total(calculated("'a@b.org'.matches('^[\\\\w.-]+@([\\\\w-]+\\\\.)+[a-z]{2,}$')"))],
    ['with a pattern of parts that come again', total(expression(`${sdc}enableWhenExpression`, "item.answer.value.matches('^(ab|cd)+$')"))],
    ['with items below items', total(calculated('%resource.repeat(select(item)).count()'))],
    ['with a linkId of __proto__', form({ linkId: '__proto__', type: 'string' })],
    ['with null as a name in an expression', total(calculated("iif(true, null, 'x'.length())"))],
    ['with launch contexts that it does not declare', total(calculated("%patient.birthDate.empty()"))],
  ])('%s', (_, document) => expect(checkQuestionnaire(document)).toEqual({ problems: [], notComputed: [] }));

  it.each<[string, unknown, object]>([
    ['CQL', total(calculated('"Total"', 'text/cql')), { linkId: 'total', language: 'text/cql', reason: 'language-not-evaluated' }],
    ['a FHIR query', { ...form(), extension: [expression(variable, 'Observation?code=1', 'obs', 'application/x-fhir-query')] }, { language: 'application/x-fhir-query', reason: 'language-not-evaluated' }],
    ['population', total(expression(`${sdc}initialExpression`, '1')), { linkId: 'total', language: 'text/fhirpath', reason: 'not-supported' }],
    ['a variable that nobody defines', total(calculated('%has-fever')), { linkId: 'total', language: 'text/fhirpath', reason: 'undefined-variable' }],
    ['enablement that cannot be evaluated', total(expression(`${sdc}enableWhenExpression`, 'iif(true)')), { linkId: 'total', language: 'text/fhirpath', reason: 'wrong-arity' }],
    ['an expression beside a text', form({ linkId: 'a', type: 'display', _text: { extension: [expression('http://hl7.org/fhir/StructureDefinition/cqf-expression', '%a')] } }), { linkId: 'a', language: 'text/fhirpath', reason: 'not-supported' }],
    ['a CQL library', { ...form(), extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/cqf-library', valueCanonical: 'urn:library' }] }, { language: 'cqf-library', reason: 'not-supported' }],
    ['a pattern of another language', form({ linkId: 'a', type: 'string', extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/regex', valueString: '(?i)a' }] }), { linkId: 'a', language: 'regex', reason: 'not-supported' }],
    ['an external value set', form({ linkId: 'a', type: 'choice', answerValueSet: 'http://loinc.org/vs/LL358-3' }), { linkId: 'a', language: 'value-set', reason: 'external-value-set' }],
  ])('and says that %s is not computed', (_, document, listed) => {
    expect(checkQuestionnaire(document)).toEqual({ problems: [], notComputed: [listed] });
  });
});

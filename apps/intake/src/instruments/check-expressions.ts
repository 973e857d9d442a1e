import type { Trouble } from '@opora/domain';
import type { Expression, Extension, Item, Questionnaire } from './fhir.js';
import { core, extensionsOn, readForm, sdc } from './form.js';
import { readExpression } from './reading.js';
import { patternOf } from './patterns.js';
import type { NotComputed, Reason } from './results.js';
import { codeSystems } from './scope.js';

const evaluated = [`${core}variable`, `${sdc}calculatedExpression`, `${sdc}enableWhenExpression`];
const constraints = [`${core}targetConstraint`, `${core}questionnaire-constraint`];

interface Found {
  element: Questionnaire | Item;
  pointer: string;
  url: string;
  expression: Expression;
}

const expressionsOf = (element: Questionnaire | Item, at: string): Found[] => extensionsOn(element).flatMap(({ extension, index }) => {
  const pointer = `${at}/extension/${index}`;
  const own = (from: Extension, where: string): Found[] => (from.valueExpression ? [{ element, pointer: `${where}/valueExpression`, url: extension.url, expression: from.valueExpression }]
    : constraints.includes(extension.url) && from.url === 'expression' && from.valueString
      ? [{ element, pointer: `${where}/valueString`, url: extension.url, expression: { language: 'text/fhirpath', expression: from.valueString } }] : []);
  return [...own(extension, pointer), ...extensionsOn(extension).flatMap((inner) => own(inner.extension, `${pointer}/extension/${inner.index}`))];
});

/** Expressions in any other place, such as beside a text (`_text`) or on an option; contained resources have none that count. */
const elsewhere = (element: Questionnaire | Item, found: Found[], at: string): Expression[] => {
  const known = new Set(found.map(({ pointer }) => pointer));
  const walk = (value: unknown, pointer: string): Expression[] => {
    if (typeof value !== 'object' || value === null) return [];
    return Object.entries(value).flatMap(([key, part]): Expression[] => {
      if (pointer === at && (key === 'item' || key === 'contained')) return [];
      if (key === 'valueExpression' && typeof part === 'object' && part !== null) return known.has(`${pointer}/${key}`) ? [] : [part as Expression];
      return walk(part, `${pointer}/${key}`);
    });
  };
  return walk(element, at);
};

/** Extensions that change what is asked or which answers are right, and are not followed here. */
const without = new Set([
  ...['cqf-library', 'questionnaire-unitOption', 'questionnaire-unitValueSet', 'questionnaire-signatureRequired', 'questionnaire-referenceResource', 'questionnaire-referenceFilter', 'questionnaire-referenceProfile', 'questionnaire-fhirType', 'mimeType', 'maxSize'].map((name) => core + name),
  ...['sourceQueries', 'lookupQuestionnaire', 'observationLinkPeriod', 'unitSupplementalSystem', 'sourceStructureMap', 'questionnaireAdaptive'].map((name) => sdc + name),
  'http://hl7.org/fhir/5.0/StructureDefinition/extension-Questionnaire.item.answerConstraint',
]);

const ignored = (element: Questionnaire | Item): NotComputed[] => extensionsOn(element).flatMap(({ extension }): NotComputed[] => {
  const unread = extension.url === `${core}regex` && !patternOf({ extension: [extension] });
  return without.has(extension.url) || unread ? [{ ...('linkId' in element && { linkId: (element as Item).linkId }), language: word(extension.url.slice(extension.url.lastIndexOf('/') + 1)), reason: 'not-supported' }] : [];
});

/** Of what a form calls the languages of its expressions. */
const word = (language: unknown): string => String(language).slice(0, 100);

const details: Partial<Record<Reason, string>> = {
  'too-long': 'At most 10,000 characters are accepted',
  'does-not-parse': 'This is not FHIRPath',
  'unknown-function': 'A function is called that FHIRPath, as supported here, does not have',
  'wrong-arity': 'A function is called with a wrong number of arguments',
  'no-expression': 'The expression is missing',
};

/** Every expression of the form: what is wrong with it, or why it will not be computed here. */
export const expressionFindings = (questionnaire: Questionnaire): { problems: Trouble[]; notComputed: NotComputed[] } => {
  const problems: Trouble[] = [];
  const notComputed: NotComputed[] = [];
  const usual = ['resource', 'rootResource', 'questionnaire', 'context', 'qitem', 'ucum', ...Object.keys(codeSystems), ...readForm(questionnaire).launchContexts];

  const look = (found: Found, known: ReadonlySet<string>): void => {
    const { expression, language = '' } = found.expression;
    const linkId = (found.element as Item).linkId;
    const list = (reason: Reason) => notComputed.push({ ...(linkId === undefined ? {} : { linkId }), language: word(language), reason });
    if (language !== 'text/fhirpath') return void list('language-not-evaluated');
    if (typeof expression !== 'string' || expression === '') return void list(found.expression.reference ? 'reference-not-fetched' : 'no-expression');
    if (![...evaluated, ...constraints].includes(found.url)) return void list('not-supported');
    const { wrong, variables, calls } = readExpression(expression);
    // SDC says what happens where enablement cannot be evaluated (the entry is permitted); nothing takes the place of a score.
    const tolerated = found.url === `${sdc}enableWhenExpression` && (wrong === 'unknown-function' || wrong === 'wrong-arity');
    if (wrong && !tolerated) problems.push({ pointer: `${found.pointer}/expression`.replace(/(valueString)\/expression$/, '$1'), code: wrong, detail: details[wrong]! });
    else if (wrong) list(wrong);
    const defined = calls.flatMap(({ name, argument }) => (name === 'defineVariable' && argument ? [argument] : []));
    if (variables.some((name) => !known.has(name) && !defined.includes(name))) list('undefined-variable');
  };

  const walk = (element: Questionnaire | Item, pointer: string, around: ReadonlySet<string>): void => {
    const found = expressionsOf(element, pointer);
    const names = found.filter(({ url }) => evaluated.slice(0, 2).includes(url)).flatMap((one) => one.expression.name ?? []);
    const known = new Set([...around, ...names]);
    problems.push(...repetitions(found));
    found.forEach((one) => look(one, known));
    const { linkId } = element as Item;
    for (const { language = '' } of elsewhere(element, found, pointer)) {
      notComputed.push({ ...(linkId === undefined ? {} : { linkId }), language: word(language), reason: language === 'text/fhirpath' ? 'not-supported' : 'language-not-evaluated' });
    }
    notComputed.push(...ignored(element));
    element.item?.forEach((item, index) => walk(item, `${pointer}/item/${index}`, known));
  };

  walk(questionnaire, '', new Set(usual));
  return { problems, notComputed };
};

/** One item has one calculation and one meaning per variable; the same said twice does no harm. */
const repetitions = (found: Found[]): Trouble[] => found.flatMap((one, index) => {
  const earlier = found.slice(0, index).filter(({ url }) => url === one.url);
  const same = (other: Found) => other.expression.expression === one.expression.expression && other.expression.name === one.expression.name;
  if (one.url === `${core}variable` && earlier.some((other) => other.expression.name === one.expression.name && !same(other))) {
    return [{ pointer: one.pointer, code: 'variable-repeated', detail: 'A variable of this name is defined here already' }];
  }
  const single = (one.url === `${sdc}calculatedExpression` || one.url === `${sdc}enableWhenExpression`) && 'linkId' in one.element;
  return single && earlier.some((other) => !same(other)) ? [{ pointer: one.pointer, code: 'expression-repeated', detail: 'This item has another expression of this kind' }] : [];
});

import { answerTypes, comparable, compare, equal } from './comparing.js';
import type { EnableWhen } from './fhir.js';
import type { Form } from './form.js';
import type { Outcome } from './expressions.js';
import { nearest, type Place } from './places.js';
import { plain } from './conversion.js';
import { valueIn, type Value } from './values.js';

/** How an enablement expression is evaluated at a place. */
export type Ask = (expression: string, place: Place, kind: 'enablement') => Outcome;

const holds = (form: Form, place: Place, when: EnableWhen, ask: Ask): boolean => {
  const question = form.byLinkId.get(when.question);
  const expected = valueIn(when, 'answer');
  if (!question || !expected) return false;
  const source = nearest(place, question);
  const answers = source?.item?.answer && isEnabled(form, source, ask) ? source.item.answer.flatMap((answer) => valueIn(answer) ?? []) : [];
  if (when.operator === 'exists') return (answers.length > 0) === expected.value;
  // A condition whose type does not fit the question's is never met, not even with `!=`.
  if (!answerTypes(question).some((type) => comparable(type, expected.type))) return false;
  if (when.operator === '!=') return !answers.some((answer) => equal(answer, expected));
  if (when.operator === '=') return answers.some((answer) => equal(answer, expected));
  return answers.some((answer) => isOrdered(answer, when.operator, expected));
};

const isOrdered = (answer: Value, operator: string, expected: Value): boolean => {
  const order = compare(answer, expected);
  if (order === undefined || Number.isNaN(order)) return false;
  return operator === '>' ? order > 0 : operator === '<' ? order < 0 : operator === '>=' ? order >= 0 : order <= 0;
};

const decide = (form: Form, place: Place, ask: Ask): boolean => {
  const { item, enabledBy } = place.form!;
  const met = (item.enableWhen ?? []).map((when) => holds(form, place, when, ask));
  if (met.length && !(item.enableBehavior === 'all' ? met.every(Boolean) : met.some(Boolean))) return false;
  if (enabledBy === undefined) return true;
  const outcome = ask(enabledBy, place, 'enablement');
  // SDC: an expression that cannot be evaluated permits the entry; that it could not is said.
  const told = 'reason' in outcome ? [] : outcome.values.map(plain);
  place.undecided = 'reason' in outcome ? outcome.reason : told.length > 1 || !['boolean', 'undefined'].includes(typeof told[0]) ? 'wrong-type' : undefined;
  return place.undecided !== undefined || told[0] === true;
};

/** A disabled ancestor disables all below it; a question that is disabled counts as unanswered. */
export const isEnabled = (form: Form, place: Place, ask: Ask): boolean => {
  if (!place.form || place.deciding) return true;
  if (place.enabled !== undefined) return place.enabled;
  place.deciding = true;
  const enabled = (!place.parent || isEnabled(form, place.parent, ask)) && decide(form, place, ask);
  place.deciding = false;
  return (place.enabled = enabled);
};

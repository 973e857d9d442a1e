import fhirpath from 'fhirpath';
import r4 from 'fhirpath/fhir-context/r4';
import { Expressions, type Outcome, type Variables } from './expressions.js';
import type { QuestionnaireResponse } from './fhir.js';
import { core, fhirpathIn, sdc, type Form } from './form.js';
import type { Place } from './places.js';
import { plain } from './conversion.js';
import type { EvaluationInput, Reason, Traced, Watch } from './results.js';
import { weightFunction } from './weighing.js';

const internal = { async: false as const, resolveInternalTypes: false };

/** What FHIR calls these code systems in expressions; the library knows `%ucum` by itself. */
export const codeSystems = { sct: 'http://snomed.info/sct', loinc: 'http://loinc.org' };

/** Our own functions in place of the library's: its `today()` reads the clock, its `weight()` remembers other questionnaires. Days are UTC days. */
export const functionsFor = (form: Form, now: EvaluationInput['now']) => {
  const constant = (literal: string) => {
    const value = fhirpath.evaluate({}, literal, {}, r4, internal);
    return { fn: () => value, arity: { 0: [] }, internalStructures: true };
  };
  const [day, time] = now.split(/[TZ]/) as [string, string];
  const weight = weightFunction(form);
  return { weight, ordinal: weight, now: constant(`@${now}`), today: constant(`@${day}`), timeOfDay: constant(`@T${time}`) };
};

/** What `%` names mean at each place: SDC's own, launch contexts, then the variables of the root, of the groups around, of the item itself. */
export class Scope {
  private readonly expressions: Expressions;
  private readonly given: Variables;
  private readonly form: Form;
  private readonly response: QuestionnaireResponse;
  private readonly watch: Watch | undefined;

  constructor(form: Form, response: QuestionnaireResponse, input: EvaluationInput) {
    this.form = form;
    this.response = response;
    this.watch = input.watch;
    this.expressions = new Expressions(functionsFor(form, input.now));
    const contexts = Object.fromEntries(form.launchContexts.map((name) => [name, input.launchContext?.[name] ?? []]));
    this.given = Object.assign(Object.create(null), contexts, codeSystems, { resource: response, rootResource: response, questionnaire: form.questionnaire });
  }

  /** An item that reads its own answers would add its last value to itself, so a calculated item does not see them. */
  readonly evaluate = (expression: string, place: Place, kind: Traced['kind']): Outcome => {
    const variables = this.variablesAt(place);
    this.watch?.step(place.form?.pointer ?? '');
    const outcome = this.run(expression, place, variables);
    const told = 'reason' in outcome && outcome.reason === 'undefined-variable' ? { reason: causeAt(place) ?? outcome.reason } : outcome;
    this.trace(kind, expression, place, told);
    return told;
  };

  private trace(kind: Traced['kind'], expression: string, { form }: Place, outcome: Outcome, name?: string): void {
    this.watch?.trace?.({
      kind, ...(form && { linkId: form.item.linkId }), ...(name !== undefined && { name }), expression,
      ...('reason' in outcome ? outcome : { values: outcome.values.map(plain) }),
    });
  }

  private run(expression: string, place: Place, variables: Variables): Outcome {
    if (!place.form) return this.expressions.run(expression, this.response, variables);
    const scope = this.expressions.read(expression).variables.includes('qitem')
      ? Object.assign(Object.create(null), variables, { qitem: this.questionnaireItem(place.form.steps) }) : variables;
    const answer = place.form.calculated && place.item?.answer;
    if (answer) delete place.item!.answer;
    try {
      return this.expressions.run(expression, place.item ?? [], scope, place.item ? 'QuestionnaireResponse.item' : '');
    } finally {
      if (answer) place.item!.answer = answer;
    }
  }

  /** Variables of one place may refer to each other in any order: those that can be told are told, until no more can. */
  private variablesAt(place: Place): Variables {
    if (place.variables) return place.variables;
    const variables: Variables = place.variables = Object.assign(Object.create(null), place.parent ? this.variablesAt(place.parent) : this.given);
    const element = place.form?.item ?? this.form.questionnaire;
    let open = [...fhirpathIn(element, `${core}variable`), ...fhirpathIn(element, `${sdc}calculatedExpression`)].filter(({ name }) => name);
    for (let before = -1; open.length && open.length !== before;) {
      before = open.length;
      for (const one of open) {
        const awaits = this.expressions.read(one.expression).variables;
        if (open.some((other) => other !== one && awaits.includes(other.name!))) continue;
        this.watch?.step(place.form?.pointer ?? '');
        const outcome = this.run(one.expression, place, variables);
        this.trace('variable', one.expression, place, outcome, one.name);
        if ('values' in outcome) variables[one.name!] = outcome.values;
        else place.failed ??= outcome.reason;
        open = open.filter((other) => other !== one && other.name !== one.name);
      }
    }
    if (open.length) place.failed ??= 'undefined-variable';
    return variables;
  }

  // A part of the questionnaire handed in bare has no types, and `.value` would find nothing on it.
  private questionnaireItem(steps: number[]): unknown {
    return fhirpath.evaluate(this.form.questionnaire, steps.map((step) => `item[${step}]`).join('.'), {}, r4, internal);
  }
}

const causeAt = (place: Place): Reason | undefined => place.failed ?? (place.parent && causeAt(place.parent));

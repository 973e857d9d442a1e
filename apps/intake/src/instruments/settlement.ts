import { toAnswers } from './conversion.js';
import { isEnabled } from './enablement.js';
import type { Answer, QuestionnaireResponse } from './fhir.js';
import type { Form } from './form.js';
import { limits } from './limits.js';
import { allPlaces, occupy, placesOf, vacate, type Place } from './places.js';
import { adorn, prepare, type Prepared } from './prepared.js';
import type { EvaluationInput, Reason } from './results.js';
import { Scope } from './scope.js';

/** A response whose calculated items hold what their expressions say, with every place in it and whether it is enabled. */
export interface Settled extends Prepared {
  form: Form;
  places: Place[];
  scope: Scope;
  notComputed: { linkId?: string; reason: Reason }[];
}

const bare = (answers: Answer[] | undefined): string | undefined => answers && JSON.stringify(answers.map(({ item: _, ...value }) => value));

/** SDC: the root first, then the items depth-first in order, and again until nothing changes. What never settles has no value. */
export const settle = (form: Form, sent: QuestionnaireResponse, input: EvaluationInput): Settled => {
  const prepared = prepare(form, sent);
  const { response, underCalculated } = prepared;
  const scope = new Scope(form, response, input);
  const unsettled = new Set<string>();
  const reasons = new Map<Place, Reason>();

  const resultAt = (place: Place): { answers: Answer[] } | { reason: Reason } => {
    if (unsettled.has(place.form!.item.linkId)) return { reason: 'does-not-settle' };
    if (!isEnabled(form, place, scope.evaluate)) return { reason: 'not-enabled' };
    const outcome = scope.evaluate(place.form!.calculated!.expression, place, 'calculated');
    return 'reason' in outcome ? outcome : toAnswers(place.form!, outcome.values);
  };

  /** Answers whether the place has another value now. */
  const calculate = (place: Place): boolean => {
    const result = resultAt(place);
    if ('reason' in result) reasons.set(place, result.reason);
    const item = 'answers' in result ? occupy(place) : place.item;
    if (!item) {
      if ('answers' in result) reasons.set(place, 'no-place');
      return false;
    }
    const answers = 'answers' in result ? result.answers : undefined;
    answers?.forEach((answer) => adorn(place.form!, answer));
    if (bare(answers) === bare(item.answer)) {
      vacate(place, prepared.pointers);
      return false;
    }
    const below = item.answer?.map((answer) => answer.item) ?? underCalculated.get(item) ?? [];
    underCalculated.set(item, below);
    if (answers) item.answer = answers.map((answer, index) => (below[index] ? { ...answer, item: below[index] } : answer));
    else delete item.answer;
    vacate(place, prepared.pointers);
    return true;
  };

  const unstableAfterPasses = (): Set<string> => {
    let changed = new Set<string>();
    for (let pass = 0; pass < limits.passes; pass++) {
      reasons.clear();
      const places = allPlaces(placesOf(form, response)).filter((place) => place.form?.calculated);
      changed = new Set(places.filter(calculate).map((place) => place.form!.item.linkId));
      if (!changed.size) break;
    }
    return changed;
  };

  unstableAfterPasses().forEach((linkId) => unsettled.add(linkId));
  // What depends on a value that never settles may itself begin to swing without it; then nothing calculated is believed.
  if (unsettled.size && unstableAfterPasses().size) form.byLinkId.forEach((_, linkId) => unsettled.add(linkId));
  if (unsettled.size) unstableAfterPasses();

  const places = allPlaces(placesOf(form, response));
  places.forEach((place) => isEnabled(form, place, scope.evaluate));
  const notComputed = [
    ...[...reasons].map(([place, reason]) => ({ linkId: place.form!.item.linkId, reason })),
    ...places.flatMap((place) => (place.undecided ? [{ linkId: place.form!.item.linkId, reason: place.undecided }] : [])),
  ];
  return { ...prepared, form, places, scope, notComputed };
};

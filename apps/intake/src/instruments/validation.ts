import type { Questionnaire, QuestionnaireResponse, ResponseStatus } from './fhir.js';
import { readForm } from './form.js';
import { patternTroubles } from './patterns.js';
import { presenceTroubles } from './presence.js';
import type { Evaluation, EvaluationInput, ResponseTrouble } from './results.js';
import { evaluationOf } from './evaluation.js';
import { settle } from './settlement.js';
import { structureTroubles } from './structure.js';

const isFinal = (status: ResponseStatus): boolean => status === 'completed' || status === 'amended';

/** Validates and scores in one go; `evaluation` is there when there is no trouble. For `in-progress` answers may still be missing. */
export const completeResponse = (
  questionnaire: Questionnaire, response: QuestionnaireResponse, { status, ...input }: EvaluationInput & { status: ResponseStatus },
): { troubles: ResponseTrouble[]; evaluation?: Evaluation } => {
  const form = readForm(questionnaire);
  const structure = structureTroubles(form, response);
  if (structure.length) return { troubles: structure };
  const patterns = patternTroubles(form, response, input.watch);
  if (patterns.length) return { troubles: patterns };
  const settled = settle(form, response, input);
  const troubles = isFinal(status) ? presenceTroubles(settled) : [];
  return troubles.length ? { troubles } : { troubles, evaluation: evaluationOf(settled) };
};

/**
 * R4 rules for a QuestionnaireResponse. Pointers lead into the response; where something is missing, to what it is missing in, with the
 * item named by `linkId`. Which items are enabled may depend on calculated values, so `now` is needed for `today()`.
 * A submitted value of a calculated item must be of the right type and is otherwise not believed.
 */
export const validateResponse = (
  questionnaire: Questionnaire, response: QuestionnaireResponse, input: EvaluationInput & { status: ResponseStatus },
): ResponseTrouble[] => completeResponse(questionnaire, response, input).troubles;

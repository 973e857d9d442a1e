import type { Extension, QuestionnaireResponse, ResponseItem } from './fhir.js';
import { core, extensions, type Form } from './form.js';
import type { ResponseTrouble, Watch } from './results.js';
import { valueIn } from './values.js';

/** Published patterns escape what a strict reader wants unescaped (`\_`); some are of other languages than JavaScript. */
const compiled = (pattern: string): RegExp | undefined => {
  for (const flags of ['u', '']) {
    try {
      return new RegExp(`^(?:${pattern})$`, flags);
    } catch {
      // The next reading, or none.
    }
  }
  return undefined;
};

/** A `regex` extension as R4 means it: the whole answer has to match. Undefined for none, and for one that cannot be read here. */
export const patternOf = (item: { extension?: Extension[] }): RegExp | undefined => {
  const text = extensions(item, `${core}regex`)[0]?.valueString;
  return typeof text === 'string' ? compiled(text) : undefined;
};

/** Answers that do not have the form that is asked for. Some patterns take time without end, so `watch` is told before each. */
export const patternTroubles = (form: Form, response: QuestionnaireResponse, watch?: Watch): ResponseTrouble[] => {
  const within = (items: ResponseItem[] | undefined, holder: string): ResponseTrouble[] => (items ?? []).flatMap((item, index) => {
    const pointer = `${holder}/item/${index}`;
    const known = form.byLinkId.get(item.linkId)!;
    const pattern = patternOf(known.item);
    const answers = (item.answer ?? []).flatMap((answer, number) => {
      const value = valueIn(answer);
      const at = `${pointer}/answer/${number}`;
      if (pattern) watch?.step(known.pointer);
      const fits = !pattern || typeof value?.value !== 'string' || pattern.test(value.value);
      const own = fits ? [] : [{ pointer: `${at}/value${value!.type}`, code: 'pattern-mismatch', detail: 'The questionnaire asks for another form of this answer', linkId: item.linkId }];
      return [...own, ...within(answer.item, at)];
    });
    return [...within(item.item, pointer), ...answers];
  });
  return within(response.item, '');
};

import type { Answer, Coding, Extension, QuestionnaireResponse, ResponseItem } from './fhir.js';
import type { Form, FormItem } from './form.js';
import { optionFor } from './options.js';
import { isObject, valueIn } from './values.js';
import { withoutWeights } from './weights.js';

/** The response as the engine works on it, and where each part of it stood in the document that came in. */
export interface Prepared {
  response: QuestionnaireResponse;
  pointers: WeakMap<object, string>;
  /** What hung under the answers of a calculated item, by the number of the answer. */
  underCalculated: Map<ResponseItem, (ResponseItem[] | undefined)[]>;
}

const kept = ['id', 'extension', 'modifierExtension', 'item'];

/**
 * Puts the questionnaire's own display and score on an answer whose own are off already (`withoutWeights`): SDC lets a score on the answer
 * win, and some expressions compare displays, so both would decide the result. Only the one real value stays: beside it, expressions
 * would also read a `value` without a type, or what hangs beside the null of another type.
 */
export const adorn = (form: FormItem, answer: Answer): void => {
  const value = valueIn(answer);
  if (!value) return;
  const [own, aside] = [`value${value.type}`, `_value${value.type}`];
  Object.keys(answer).filter((key) => ![...kept, own, aside].includes(key)).forEach((key) => delete answer[key]);
  const option = optionFor(form.options, value);
  const weight = option?.weight && { url: option.weight.url, valueDecimal: option.weight.value };
  const weighed = (element: unknown): { extension?: Extension[] } => {
    const { extension = [], ...rest } = (isObject(element) ? element : {}) as { extension?: Extension[] };
    const extensions = [...extension, ...(weight ? [weight] : [])];
    return extensions.length ? { extension: extensions, ...rest } : rest;
  };
  if (value.type === 'Coding') {
    const coding = weighed(value.value) as Coding & { _display?: unknown };
    if (form.options.kind === 'listed' && option) {
      delete coding.display;
      delete coding._display;
      if (option.display !== undefined) coding.display = option.display;
    }
    answer.valueCoding = coding;
    delete answer[aside];
  } else {
    const beside = weighed(answer[aside]);
    if (beside.extension) answer[aside] = beside;
    else delete answer[aside];
  }
};

/** R4: items come in the questionnaire's order. Whatever order they were sent in, the same answers give the same results. */
const inOrder = (form: Form, holder: { item?: ResponseItem[] }): void => {
  const rank = ({ linkId }: ResponseItem): number => form.byLinkId.get(linkId)?.order ?? Infinity;
  holder.item = holder.item?.sort((one, other) => (rank(one) === rank(other) ? 0 : rank(one) - rank(other)));
  if (!holder.item) delete holder.item;
  holder.item?.forEach((item) => [item, ...(item.answer ?? [])].forEach((one) => inOrder(form, one)));
};

export const prepare = (form: Form, sent: QuestionnaireResponse): Prepared => {
  const response = withoutWeights(sent);
  const prepared: Prepared = { response, pointers: new WeakMap([[response, '']]), underCalculated: new Map() };
  const walk = (items: ResponseItem[] | undefined, holder: string): void => items?.forEach((item, index) => {
    const pointer = `${holder}/item/${index}`;
    prepared.pointers.set(item, pointer);
    const known = form.byLinkId.get(item.linkId);
    if (known && item.text !== undefined) item.text = known.item.text;
    if (item.text === undefined) delete item.text;
    walk(item.item, pointer);
    item.answer?.forEach((answer, number) => {
      prepared.pointers.set(answer, `${pointer}/answer/${number}`);
      if (known) adorn(known, answer);
      walk(answer.item, `${pointer}/answer/${number}`);
    });
    if (!known?.calculated || !item.answer) return;
    prepared.underCalculated.set(item, item.answer.map((answer) => answer.item));
    delete item.answer;
  });
  walk(response.item, '');
  inOrder(form, response);
  return prepared;
};

import type { Answer, QuestionnaireResponse, ResponseItem } from './fhir.js';
import { isGroup, type Form, type FormItem } from './form.js';
import type { Reason } from './results.js';
import type { Variables } from './expressions.js';

/**
 * One occurrence of a questionnaire's item in a response: a repetition of a group, or a question below one answer of its parent. A place
 * without `item` is one that nobody has filled in. The root has no `form`.
 */
export interface Place {
  form?: FormItem;
  item?: ResponseItem;
  parent?: Place;
  /** What the item is, or would be, listed in: the response, a group's item or an answer. */
  holder?: QuestionnaireResponse | ResponseItem | Answer;
  children: Place[];
  /** Position in document order. */
  order: number;
  variables?: Variables;
  /** Variables and named calculations of this place that have no value because they cannot be evaluated. */
  failed?: Reason;
  enabled?: boolean;
  deciding?: boolean;
  /** Why the expression that decides about this place could not be told. */
  undecided?: Reason;
}

export const placesOf = (form: Form, response: QuestionnaireResponse): Place => {
  let order = 0;
  const root: Place = { holder: response, children: [], order: order++ };
  const fill = (parent: Place, holder: Place['holder'], forms: FormItem[]): void => {
    const found = Map.groupBy(holder?.item ?? [], ({ linkId }) => linkId);
    for (const one of forms) for (const item of found.get(one.item.linkId) ?? [undefined]) {
      const place: Place = { form: one, item, parent, holder, children: [], order: order++ };
      parent.children.push(place);
      if (isGroup(one)) fill(place, item, one.children);
      else item?.answer?.forEach((answer) => fill(place, answer, one.children));
    }
  };
  fill(root, response, form.items);
  return root;
};

export const allPlaces = (place: Place): Place[] => [place, ...place.children.flatMap(allPlaces)];

const lineage = (form: FormItem): FormItem[] => [...(form.parent ? lineage(form.parent) : []), form];

/**
 * The occurrence of a question that a condition at this place means [R4, Questionnaire.item.enableWhen.question]: the nearest along the
 * ancestors, then the preceding, then the following ones; so that a repetition asks itself and not its neighbour.
 */
export const nearest = (from: Place, question: FormItem): Place | undefined => {
  const line = lineage(question);
  let ancestor: Place = from;
  while (ancestor.form && !line.includes(ancestor.form)) ancestor = ancestor.parent!;
  const below = ancestor.form ? line.slice(line.indexOf(ancestor.form) + 1) : line;
  const found = below.reduce<Place[]>((places, form) => places.flatMap(({ children }) => children.filter((child) => child.form === form)), [ancestor]);
  const preceding = found.filter(({ order }) => order <= from.order);
  return preceding.at(-1) ?? found[0];
};

/** Makes sure that the response has an item at this place, and the groups around it; undefined below a question without an answer. */
export const occupy = (place: Place): ResponseItem | undefined => {
  if (place.item || !place.form) return place.item;
  const holder = place.holder ?? (place.parent?.form && isGroup(place.parent.form) ? occupy(place.parent) : undefined);
  if (!holder) return undefined;
  const siblings = place.parent?.form?.children ?? place.parent?.children.map(({ form }) => form!) ?? [];
  const rank = (linkId: string) => siblings.findIndex(({ item }) => item.linkId === linkId);
  const own = rank(place.form.item.linkId);
  const items = (holder.item ??= []);
  const after = items.findIndex(({ linkId }) => rank(linkId) > own);
  items.splice(after < 0 ? items.length : after, 0, place.item = { linkId: place.form.item.linkId });
  return place.item;
};

/** Takes an item without answers and children out again, and the groups around it that were only put there to hold it. */
export const vacate = (place: Place, cameIn: WeakMap<object, string>): void => {
  const { item, holder, parent } = place;
  if (!item || item.answer?.length || item.item?.length || !holder?.item) return;
  holder.item = holder.item.filter((one) => one !== item);
  if (!holder.item.length) delete holder.item;
  place.item = undefined;
  if (parent?.form && isGroup(parent.form) && parent.item && !cameIn.has(parent.item)) vacate(parent, cameIn);
};

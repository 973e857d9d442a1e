import type { Form } from './form.js';
import { NoValue } from './expressions.js';
import { valueIn } from './values.js';
import { weightOn, weightUrls } from './weights.js';

/** A node of the FHIRPath library, as far as scores are concerned. */
interface ResourceNode {
  path?: string | null;
  data?: unknown;
  _data?: unknown;
  parentResNode?: ResourceNode | null;
}

type Element = Parameters<typeof weightOn>[0] & { linkId?: string; system?: string };

const answerPath = 'QuestionnaireResponse.item.answer';

/**
 * `weight()` and `ordinal()` of SDC, without the library's own: that one keeps scores of contained value sets for an hour by url without
 * version, and asks the network. Answers carry the questionnaire's own scores already, so it only has to read them.
 * An answer to an item that has no scores at all makes the expression fail: "no score" is not 0.
 */
export const weightFunction = (form: Form) => ({
  arity: { 0: [] },
  internalStructures: true,
  fn: (nodes: ResourceNode[]): number[] => nodes.flatMap((node) => {
    const answer = node?.path === answerPath ? node : node?.parentResNode?.path === answerPath ? node.parentResNode : undefined;
    if (answer) return weightOfAnswer(form, answer.data as Record<string, unknown>, answer.parentResNode?.data as Element);
    const own = weightOn(node?.data as Element) ?? (node?.parentResNode?.path?.endsWith('answerOption') ? weightOn(node.parentResNode.data as Element) : undefined);
    return own ? [own.value] : [];
  }),
});

const weightOfAnswer = (form: Form, answer: Record<string, unknown>, item: Element | undefined): number[] => {
  const value = valueIn(answer);
  if (!value) return [];
  const own = weightOn((value.type === 'Coding' ? value.value : answer[`_value${value.type}`]) as Element);
  if (own && weightUrls.includes(own.url)) return [own.value];
  const { options, calculated } = form.byLinkId.get(item?.linkId ?? '') ?? {};
  const unscored = options?.kind !== 'listed' || !options.scored;
  // A band that the form works out itself is nobody's answer; were it one, a total over all items would come and go with it.
  if (value.type === 'Coding' && unscored && !calculated) throw new NoValue('no-score');
  return [];
};

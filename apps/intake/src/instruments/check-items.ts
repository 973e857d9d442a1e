import type { Trouble } from '@opora/domain';
import type { EnableWhen, Item, Questionnaire } from './fhir.js';
import { limits } from './limits.js';
import { isAnswerType, isCorrect, valuesIn } from './values.js';

const types = ['group', 'display', 'boolean', 'decimal', 'integer', 'date', 'dateTime', 'time', 'string', 'text', 'url', 'choice', 'open-choice',
  'attachment', 'reference', 'quantity'];
const operators = ['exists', '=', '!=', '>', '<', '>=', '<='];

type Say = (pointer: string, code: string, detail: string) => void;

/** Items, options and enableWhen, as far as evaluation depends on them. */
export const itemTroubles = (questionnaire: Questionnaire): Trouble[] => {
  const troubles: Trouble[] = [];
  const say: Say = (pointer, code, detail) => troubles.push({ pointer, code, detail });
  const linkIds = new Set<string>();
  const conditions: { when: EnableWhen; pointer: string }[] = [];
  const walk = (items: Item[] | undefined, holder: string): void => items?.forEach((item, index) => {
    const pointer = `${holder}/item/${index}`;
    linkIdTroubles(item, pointer, linkIds, say);
    if (!types.includes(item.type)) say(`${pointer}/type`, 'unknown-type', `An item is one of ${types.join(', ')}`);
    for (const flag of ['required', 'repeats', 'readOnly'] as const) {
      if (item[flag] !== undefined && typeof item[flag] !== 'boolean') say(`${pointer}/${flag}`, 'wrong-type', 'true or false is expected');
    }
    if (item.text !== undefined && typeof item.text !== 'string') say(`${pointer}/text`, 'wrong-type', 'A text is expected');
    if (item.maxLength !== undefined && !Number.isInteger(item.maxLength)) say(`${pointer}/maxLength`, 'wrong-type', 'A whole number is expected');
    if (item.answerValueSet !== undefined && typeof item.answerValueSet !== 'string') say(`${pointer}/answerValueSet`, 'wrong-type', 'A canonical url is expected');
    if (item.enableBehavior !== undefined && !['all', 'any'].includes(item.enableBehavior)) say(`${pointer}/enableBehavior`, 'wrong-type', 'all or any is expected');
    optionTroubles(item, pointer, say);
    item.enableWhen?.forEach((when, number) => conditions.push({ when, pointer: `${pointer}/enableWhen/${number}` }));
    walk(item.item, pointer);
  });
  walk(questionnaire.item, '');
  conditions.forEach(({ when, pointer }) => enableWhenTroubles(when, pointer, linkIds, say));
  return troubles;
};

const linkIdTroubles = (item: Item, pointer: string, linkIds: Set<string>, say: Say): void => {
  if (typeof item.linkId !== 'string' || item.linkId.trim() === '') return say(`${pointer}/linkId`, 'linkId-missing', 'Every item has a linkId');
  if (item.linkId.length > limits.linkIdLength) return say(`${pointer}/linkId`, 'linkId-too-long', `At most ${limits.linkIdLength} characters`);
  if (linkIds.has(item.linkId)) say(`${pointer}/linkId`, 'linkId-repeated', 'Another item has this linkId already');
  linkIds.add(item.linkId);
};

const optionTroubles = (item: Item, pointer: string, say: Say): void => item.answerOption?.forEach((option, index) => {
  const values = valuesIn(option);
  const at = `${pointer}/answerOption/${index}`;
  const [value] = values;
  if (values.length !== 1 || !value) say(at, 'option-without-value', 'An option has exactly one value');
  else if (!['Integer', 'Date', 'Time', 'String', 'Coding', 'Reference'].includes(value.type) || !isCorrect(value)) {
    say(`${at}/value${value.type}`, 'wrong-type', 'An option is a correct Coding, integer, date, time, string or reference');
  }
});

const enableWhenTroubles = (when: EnableWhen, pointer: string, linkIds: Set<string>, say: Say): void => {
  if (!linkIds.has(when.question)) say(`${pointer}/question`, 'unknown-question', 'The condition names a linkId that the questionnaire does not have');
  if (!operators.includes(when.operator)) say(`${pointer}/operator`, 'unknown-operator', `An operator is one of ${operators.join(' ')}`);
  const answers = valuesIn(when, 'answer');
  const [answer] = answers;
  if (answers.length !== 1 || !answer || !isAnswerType(answer.type)) return say(pointer, 'condition-without-answer', 'A condition has exactly one answer[x]');
  if (!isCorrect(answer)) say(`${pointer}/answer${answer.type}`, 'wrong-type', `This is not a correct FHIR R4 ${answer.type}`);
  if (when.operator === 'exists' && answer.type !== 'Boolean') say(`${pointer}/answer${answer.type}`, 'wrong-type', 'exists is asked with answerBoolean');
};

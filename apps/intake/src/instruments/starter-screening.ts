import type { AnswerOption, Item, Questionnaire } from './fhir.js';

/** The domains that needs are sorted by; the codes of the starter screening's need rules. */
export const needDomains = 'urn:opora:need';
const answers = 'urn:opora:starter-screening-answer';

type Text = readonly [en: string, ru: string];
type Choice = readonly [code: string, points: number | null, en: string, ru: string];

const translated = (name: 'text' | 'display' | 'title', [en, ru]: Text): Record<string, unknown> => ({
  [name]: en,
  [`_${name}`]: { extension: [{
    url: 'http://hl7.org/fhir/StructureDefinition/translation',
    extension: [{ url: 'lang', valueCode: 'ru' }, { url: 'content', valueString: ru }],
  }] },
});

// An answer without points is one that says nothing about the need, such as a refusal; it is never counted as 0.
const option = ([code, points, ...text]: Choice): AnswerOption => ({
  ...(points === null ? {} : { extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/ordinalValue', valueDecimal: points }] }),
  valueCoding: { system: answers, code, ...translated('display', text) },
});

const question = (linkId: string, text: Text, ...choices: Choice[]): Item => ({ linkId, type: 'choice', ...translated('text', text), answerOption: choices.map(option) });

const calculated = (linkId: string, text: Text, expression: string): Item => ({
  linkId, type: 'integer', readOnly: true, ...translated('text', text),
  extension: [{
    url: 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression',
    valueExpression: { language: 'text/fhirpath', expression },
  }],
});

const domain = (code: string, text: Text, ...questions: Item[]): Item => ({
  linkId: code, type: 'group', code: [{ system: needDomains, code }], ...translated('text', text),
  item: [...questions, calculated(`${code}-score`, [`Points: ${text[0]}`, `Баллы: ${text[1]}`],
    `%resource.item.where(linkId = '${code}').item.where(${questions.map(({ linkId }) => `linkId = '${linkId}'`).join(' or ')}).answer.value.ordinal().sum()`)],
});

const unsaid: Choice = ['unsaid', null, 'I would rather not say', 'Не хочу отвечать'];

/** A first conversation over eight areas of life, in plain words. Points only order what to talk about first; they are no diagnosis. */
export const starterScreening: Questionnaire = {
  resourceType: 'Questionnaire', url: 'urn:opora:instrument:starter-screening', version: '1.1.0', name: 'StarterScreening',
  ...translated('title', ['First conversation about needs', 'Первый разговор о потребностях']),
  language: 'en', status: 'active', subjectType: ['Patient'],
  item: [
    { linkId: 'welcome', type: 'display', ...translated('text', [
      'We want to know what you need. You need not answer what you do not want to say. Your answers stay with us.',
      'Мы хотим знать, что вам нужно. Можно не отвечать на то, о чём не хочется говорить. Ваши ответы останутся у нас.']) },
    domain('housing', ['Housing', 'Жильё'],
      question('housing-place', ['Where do you live now?', 'Где вы сейчас живёте?'],
        ['settled', 0, 'In a home where I can stay', 'В жилье, где могу остаться'], ['temporary', 2, 'With other people or in a temporary place', 'У знакомых или во временном жилье'],
        ['losing', 2, 'In a home that I may have to leave soon', 'В жилье, которое, возможно, скоро придётся покинуть'], ['nowhere', 3, 'I have no place to sleep', 'Мне негде ночевать'], unsaid),
      question('housing-quality', ['Is your home warm, dry and safe enough for you?', 'Тепло ли, сухо ли и безопасно ли у вас дома?'],
        ['fine', 0, 'Yes', 'Да'], ['partly', 1, 'Not quite', 'Не совсем'], ['bad', 2, 'No, it is bad for my health', 'Нет, это вредит моему здоровью'], unsaid)),
    domain('food', ['Food', 'Питание'],
      question('food-month', ['How often did you go short of food last month?', 'Как часто в прошлом месяце вам не хватало еды?'],
        ['never', 0, 'Never', 'Ни разу'], ['seldom', 1, 'Once or twice', 'Один-два раза'], ['weekly', 2, 'Every week', 'Каждую неделю'], ['daily', 3, 'Almost every day', 'Почти каждый день'], unsaid),
      question('food-now', ['Do you have food for the next three days?', 'Есть ли у вас еда на ближайшие три дня?'],
        ['enough', 0, 'Yes', 'Да'], ['some', 1, 'Only some', 'Только немного'], ['none', 3, 'No', 'Нет'], unsaid)),
    domain('income', ['Money', 'Деньги'],
      question('income-enough', ['Does your money last until the next payment?', 'Хватает ли вам денег до следующей выплаты?'],
        ['always', 0, 'Yes', 'Да'], ['mostly', 1, 'Most of the time', 'Чаще да'], ['seldom', 2, 'Most of the time it does not', 'Чаще нет'], ['never', 3, 'Never', 'Никогда'], unsaid),
      question('income-debt', ['Do you have debts that you cannot pay?', 'Есть ли у вас долги, которые вы не можете оплатить?'],
        ['none', 0, 'No', 'Нет'], ['managed', 1, 'I have debts but I pay them', 'Долги есть, но я их плачу'], ['unpaid', 2, 'Yes', 'Да'], unsaid)),
    domain('employment', ['Work', 'Работа'],
      question('employment-now', ['How do things stand with work?', 'Как у вас с работой?'],
        ['settled', 0, 'I work, study, am retired or do not look for work', 'Работаю, учусь, на пенсии или не ищу работу'], ['unsure', 1, 'I work but may lose my job', 'Работаю, но могу потерять работу'],
        ['looking', 2, 'I am looking for work', 'Ищу работу'], ['unable', 3, 'I cannot work and get no support', 'Не могу работать и не получаю поддержки'], unsaid)),
    domain('legal', ['Law and papers', 'Право и документы'],
      question('legal-matter', ['Do you have a matter with a court, an office or a landlord that you need help with?', 'Нужна ли вам помощь в деле с судом, учреждением или хозяином жилья?'],
        ['none', 0, 'No', 'Нет'], ['open', 1, 'Yes, without a set date', 'Да, без установленного срока'], ['dated', 3, 'Yes, and there is a date I must keep', 'Да, и есть срок, который нельзя пропустить'], unsaid),
      question('legal-papers', ['Do you have the papers you need?', 'Есть ли у вас все нужные документы?'],
        ['all', 0, 'Yes', 'Да'], ['some', 1, 'Some are missing', 'Некоторых нет'], ['none', 2, 'Most are missing', 'Большинства нет'], unsaid)),
    domain('safety', ['Safety', 'Безопасность'],
      question('safety-fear', ['Are you afraid of someone close to you?', 'Боитесь ли вы кого-то из близких?'],
        ['no', 0, 'No', 'Нет'], ['sometimes', 2, 'Sometimes', 'Иногда'], ['yes', 3, 'Yes', 'Да'], unsaid),
      question('safety-today', ['Do you need help to be safe today?', 'Нужна ли вам помощь, чтобы сегодня быть в безопасности?'],
        ['no', 0, 'No', 'Нет'], ['yes', 3, 'Yes', 'Да'], unsaid)),
    domain('psychological', ['Mood and strain', 'Настроение и нагрузка'],
      question('psychological-strain', ['How often was everything too much for you in the last two weeks?', 'Как часто за последние две недели вам было слишком тяжело?'],
        ['seldom', 0, 'Hardly ever', 'Почти никогда'], ['days', 1, 'On some days', 'В отдельные дни'], ['most', 2, 'On most days', 'Почти каждый день'], ['always', 3, 'All the time', 'Постоянно'], unsaid),
      question('psychological-harm', ['Do you think about hurting yourself?', 'Думаете ли вы о том, чтобы причинить себе вред?'],
        ['no', 0, 'No', 'Нет'], ['earlier', 1, 'I did, but not now', 'Раньше да, сейчас нет'], ['now', 3, 'Yes', 'Да'], unsaid)),
    domain('daily-living', ['Everyday life', 'Повседневная жизнь'],
      question('daily-living-care', ['Can you wash, dress and eat on your own?', 'Можете ли вы сами мыться, одеваться и есть?'],
        ['alone', 0, 'Yes', 'Да'], ['effort', 1, 'Yes, but it is hard', 'Да, но с трудом'], ['partly', 2, 'I need help with some of it', 'Кое в чём нужна помощь'], ['helped', 3, 'I need help with most of it', 'Почти во всём нужна помощь'], unsaid),
      question('daily-living-support', ['Is there someone who helps you when you need it?', 'Есть ли кто-то, кто помогает вам, когда нужно?'],
        ['yes', 0, 'Yes', 'Да'], ['sometimes', 1, 'Sometimes', 'Иногда'], ['nobody', 2, 'No', 'Нет'], unsaid)),
    calculated('total-score', ['All points together', 'Все баллы вместе'], '%resource.item.item.answer.value.ordinal().sum()'),
  ],
};

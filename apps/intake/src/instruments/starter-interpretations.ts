interface Texts { en: string; ru: string }

/** What the starter screening's scores are taken to mean, until an agency agrees on something else. */
export interface StarterInterpretation {
  /** Stable name within the starter screening. */
  interpretation: string;
  linkId: string;
  least: number;
  most: number;
  step: number;
  ranges: { from: number; to: number; code: string; text: Texts }[];
  source: string;
}

const source = 'Opora’s own wording; the points order what to talk about first and are no diagnosis. Проект «Опора», собственные формулировки; баллы задают порядок разговора, это не диагноз.';

const range = (from: number, to: number, code: string, en: string, ru: string) => ({ from, to, code, text: { en, ru } });

/** Of one domain: nothing, something, much. */
const domain = (name: string, most: number, some: number, much: number, en: string, ru: string): StarterInterpretation => ({
  interpretation: name, linkId: `${name}-score`, least: 0, most, step: 1, source, ranges: [
    range(0, some - 1, 'settled', `${en}: no help needed now.`, `${ru}: сейчас помощь не нужна.`),
    range(some, much - 1, 'some', `${en}: talk about it and see what would help.`, `${ru}: обсудите и решите, что поможет.`),
    range(much, most, 'much', `${en}: help is needed soon.`, `${ru}: помощь нужна скоро.`),
  ],
});

export const starterInterpretations: readonly StarterInterpretation[] = [
  domain('housing', 5, 1, 3, 'Home', 'Жильё'),
  domain('food', 6, 1, 3, 'Food', 'Еда'),
  domain('income', 5, 1, 3, 'Money', 'Деньги'),
  domain('employment', 3, 1, 2, 'Work', 'Работа'),
  domain('legal', 5, 1, 3, 'Law and papers', 'Право и бумаги'),
  domain('safety', 6, 1, 3, 'Safety', 'Безопасность'),
  domain('psychological', 6, 1, 3, 'Mood', 'Настроение'),
  domain('daily-living', 5, 1, 3, 'Everyday life', 'Быт'),
  {
    interpretation: 'total', linkId: 'total-score', least: 0, most: 41, step: 1, source, ranges: [
      range(0, 4, 'few', 'Few needs. Ask what matters most to the person.', 'Мало нужд. Спросите, что для человека важнее всего.'),
      range(5, 14, 'several', 'Some needs. Plan them one by one.', 'Есть нужды. Идите шаг за шагом.'),
      range(15, 41, 'many', 'Many needs at once. Start with what cannot wait.', 'Много нужд сразу. Начните с того, что не ждёт.'),
    ],
  },
];

import type { Day } from '@opora/domain';
import type { Doubt } from './calendar.js';
import type { Length, Titles, Unit } from './law.js';

const en: Record<Unit, string> = { days: 'day', weeks: 'week', months: 'month', years: 'year' };
/** After 1, after 2 to 4, after 5 and more. */
const ru: Record<Unit, readonly [string, string, string]> = {
  days: ['день', 'дня', 'дней'], weeks: ['неделя', 'недели', 'недель'], months: ['месяц', 'месяца', 'месяцев'], years: ['год', 'года', 'лет'],
};

const counted = (n: number, [one, few, many]: readonly [string, string, string]): string => {
  const [tens, last] = [n % 100, n % 10];
  if (tens >= 11 && tens <= 14) return `${n} ${many}`;
  return `${n} ${last === 1 ? one : last >= 2 && last <= 4 ? few : many}`;
};

export const lengthIn = ({ unit, n }: Length): Titles => ({ en: `${n} ${en[unit]}${n === 1 ? '' : 's'}`, ru: counted(n, ru[unit]) });

/** What makes a day provisional. */
export const doubtWords: Record<Doubt, Titles> = {
  'year-not-published': { en: 'provisional: the calendar of that year is not published yet', ru: 'предварительно: календарь этого года ещё не опубликован' },
  'regional-days-incomplete': { en: 'provisional: not all days off of the region are known', ru: 'предварительно: известны не все выходные дни региона' },
  'region-not-said': { en: 'provisional: the region of the court was not named', ru: 'предварительно: регион суда не указан' },
  'no-longer-computed': { en: 'doubtful: by newer law this day cannot be computed any more; decide it yourself', ru: 'под сомнением: по новым данным срок больше не вычисляется; решите сами' },
};

/** What each step of a derivation says to a person who checks it by hand. */
export const says = {
  event: (day: Day, what: Titles): Titles => ({ en: `Event: ${what.en} (${day})`, ru: `Событие: ${what.ru} (${day})` }),
  localDay: (day: Day, zone: string): Titles => ({ en: `At the court (${zone}) the day of the event is ${day}`, ru: `По времени суда (${zone}) день события — ${day}` }),
  nextDay: (day: Day): Titles => ({ en: `The day of the event does not count; the term runs from ${day}`, ru: `День события не считается; срок течёт с ${day}` }),
  sameDay: (day: Day): Titles => ({ en: `The day itself counts as the first: the term runs from ${day}`, ru: `Сам день считается первым: срок течёт с ${day}` }),
  workingDays: (length: Length, day: Day): Titles => ({
    en: `${lengthIn(length).en}, non-working days left out: the last one is ${day}`, ru: `${lengthIn(length).ru}, нерабочие дни не включаются: последний день — ${day}`,
  }),
  length: (length: Length, day: Day): Titles => ({ en: `${lengthIn(length).en}: the last day is ${day}`, ru: `${lengthIn(length).ru}: последний день — ${day}` }),
  shortMonth: (day: Day): Titles => ({ en: `The month has no such day; its last one, ${day}, takes its place`, ru: `В этом месяце нет такого числа; срок истекает в его последний день, ${day}` }),
  standsStill: (from: Day, until: Day): Titles => ({ en: `The term stands still from ${from} and goes on on ${until}`, ru: `Срок приостановлен с ${from} и продолжается с ${until}` }),
  beginsAnew: (until: Day): Titles => ({ en: `The proceedings stood still until ${until}; the whole term runs anew`, ru: `Производство стояло до ${until}; весь срок течёт заново` }),
  moved: (from: Day, to: Day): Titles => ({ en: `${from} is no working day; the term ends on the next one, ${to}`, ru: `${from} — нерабочий день; срок истекает в следующий рабочий день, ${to}` }),
  expires: (day: Day, zone: string): Titles => ({ en: `The term ends with the end of ${day}, at midnight (${zone})`, ru: `Срок истекает с окончанием ${day}, в 24 часа (${zone})` }),
};

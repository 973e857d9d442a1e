import type { Day } from '@opora/domain';
import { Temporal } from 'temporal-polyfill';
import { firstDay, type Name, type Person } from './person.js';

const preference: readonly Name['use'][] = ['usual', 'official', 'nickname', 'maiden', 'old'];

/** `Anna P.`: enough to recognise somebody in one's care, little for anybody else. */
export const shortName = ({ names }: Person): string | null => {
  const [name] = [...(names.value ?? [])].sort((a, b) => preference.indexOf(a.use) - preference.indexOf(b.use));
  if (!name) return null;
  const { given, family, patronymic } = name;
  const shown = given === undefined ? family ?? patronymic : family === undefined ? given : `${given} ${[...family][0]}.`;
  return shown?.slice(0, 120) ?? null;
};

/** In whole years. A year alone counts from its middle, a month alone from its first day. */
export const ageOn = ({ birthDate: { value } }: Person, today: Day): number | null => {
  const born = value === undefined ? undefined : firstDay(value.length === 4 ? `${value}-07` : value);
  return born ? Math.max(0, born.until(Temporal.PlainDate.from(today), { largestUnit: 'year' }).years) : null;
};

export const birthYear = ({ birthDate: { value } }: Person): number | null => value === undefined ? null : Number(value.slice(0, 4));

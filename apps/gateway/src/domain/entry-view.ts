import type { Coded, PlanAction, PlanEntry } from '@opora/contracts';
import { Temporal } from 'temporal-polyfill';
import type { ActionView, EntryView, Language, TitledCode } from './plan-document.js';

export const titled = ({ system, code, ...titles }: Coded, language: Language): TitledCode => ({ system, code, title: titles[language] });

/** The one form that contracts allow; it sorts as it stands. */
const instant = /^[1-9]\d{3}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;

/**
 * Days and instants as texts that sort in the order of time: a day comes before the hours of that day. What is too odd
 * to be read sorts as it stands, for one module's odd date must not cost a person the plan.
 */
const sortable = (moment: string): string => {
  if (moment.length <= 10 || instant.test(moment)) return moment;
  try {
    return Temporal.Instant.from(moment).toString({ smallestUnit: 'millisecond' });
  } catch {
    return moment;
  }
};

export const latest = (moments: readonly string[]): string | null => moments.map(sortable).sort().at(-1) ?? null;

/** When an action is next in question: when it starts, else when it is due, else when it ends. */
export const whenOf = ({ start, due, end }: Pick<ActionView, 'start' | 'due' | 'end'>): string | undefined => start ?? due ?? end;

/** In the order of time; without a date last. */
export const byTime = (a: ActionView, b: ActionView): number => {
  const [left, right] = [a, b].map((action) => `${sortable(whenOf(action) ?? '~')} ${action.id}`) as [string, string];
  return left < right ? -1 : left > right ? 1 : 0;
};

export const actionView = (entryId: string, { id, title, due, start, end, status, responsible }: PlanAction, language: Language): ActionView => ({
  id, entryId, ...titled(title, language), ...(due && { due }), ...(start && { start }), ...(end && { end }), status, ...(responsible && { responsible }),
});

/** `known` holds the keys of the entries that the reader may see: a reference to any other says more than the reader may know. */
export const entryView = (entry: PlanEntry, language: Language, known: ReadonlySet<string>): EntryView => {
  const { module, entryId, version, agency, kind, phase, reason, title, dataClass, because, needs, reviewOn, recordedAt } = entry;
  const visible = (ref: { module: string; id: string }) => known.has(`${ref.module}/${ref.id}`);
  return {
    module, entryId, version, agency, kind, phase, ...titled(title, language), ...(reason && { reason: titled(reason, language) }), dataClass,
    because: because.filter(visible), needs: needs.filter(visible), ...(reviewOn && { reviewOn }), changedAt: recordedAt,
  };
};

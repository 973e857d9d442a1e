/* The plan is read as an integrator reads it: as JSON over HTTP, without the gateway's types. */
interface Titled { title: string }
interface Action extends Titled { due?: string; start?: string; end?: string; status: string }
interface Entry extends Titled { phase: string; reason?: Titled; text?: string }
interface Section extends Titled { state: string; reason?: Titled; stale: boolean; entries: Entry[] }
export interface Plan {
  clientId: string; reviewOn: string | null; needs: Entry[]; goals: Entry[]; sections: Section[]; next: Action[];
  person?: { shortName: string | null; age: number | null } | null;
}

const line = '─'.repeat(78);
const day = ({ start, due, end }: Action): string => (start ?? due ?? end ?? '').slice(0, 10);
const list = (entries: readonly Entry[]): string[] => entries.length === 0 ? ['  none'] : entries.flatMap(({ title, phase, reason, text }) => [`  • ${title} (${phase}${reason ? `: ${reason.title}` : ''})`, ...(text ? [`      “${text}”`] : [])]);

/** One person's plan as a page of text. */
export const planPage = ({ clientId, person, reviewOn, needs, goals, sections, next }: Plan): string => [
  line,
  `SUPPORT PLAN   ${person?.shortName ?? 'name not shown'}${person?.age ? `, ${person.age}` : ''}`,
  `client ${clientId}${reviewOn ? `, next review ${reviewOn}` : ''}`,
  line,
  'Needs', ...list(needs),
  'Goals', ...list(goals),
  ...sections.flatMap(({ title, state, reason, stale, entries }) => [`${title}: ${state}${reason ? ` (${reason.title})` : ''}${stale ? ' — may be out of date' : ''}`, ...list(entries)]),
  'What comes next', ...(next.length === 0 ? ['  nothing with a date'] : next.map((action) => `  ${day(action)}  ${action.title}`)),
  line,
].join('\n');

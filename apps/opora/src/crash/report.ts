import { longestOutage, type Journal } from './commands.js';
import { targets, type Target } from './schedule.js';
import type { Verified } from './verify.js';

export interface Run {
  readonly seed: number;
  readonly minutes: number;
  readonly journal: Journal;
  readonly killed: Readonly<Record<Target, number>>;
  readonly drainMs: number;
  readonly againMs: number;
  readonly startedAt: number;
  readonly verified: Verified;
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

const percentile = (sorted: readonly number[], share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;

/** A table in Markdown: as it is printed it stands in the docs. */
export const tableOf = ({ seed, minutes, journal, killed, drainMs, againMs, startedAt, verified }: Run): string => {
  const { commands, acknowledged } = journal;
  const waits = acknowledged.map(({ firstSentAt, settledAt }) => settledAt! - firstSentAt).sort((a, b) => a - b);
  const outage = longestOutage(commands);
  const count = (outcome: string) => commands.filter((command) => command.outcome === outcome).length;
  const rows: [string, string | number][] = [
    ['seed, minutes of load', `${seed}, ${minutes}`],
    ...targets.map((target): [string, number] => [`kills with -9: ${target}`, killed[target]]),
    ['kills in all', targets.reduce((sum, target) => sum + killed[target], 0)],
    ['people', new Set(commands.map(({ person }) => person)).size],
    ['commands acknowledged', acknowledged.length],
    ['… of them after more than one try', acknowledged.filter(({ attempts }) => attempts > 1).length],
    ['… of them sent again on purpose afterwards', acknowledged.filter(({ repeats }) => repeats > 0).length],
    ['commands refused', count('refused')],
    ['commands given up without an answer', count('open')],
    ['facts in the owners’ tables', verified.facts],
    ['records read from the topics', verified.records],
    ['… of them repeats, same to the byte', verified.repeats],
    ['plan entry versions in the gateway', verified.entries],
    ['plans served and compared', verified.plans],
    ['effects counted by the witness', verified.lines],
    ['time to drain after the load', seconds(drainMs)],
    ['time to drain after everything was delivered again', seconds(againMs)],
    ['longest time in which clients waited and none was answered', seconds(outage.ms)],
    ['… it ended, after the beginning of the load', seconds(outage.until - startedAt)],
    ['wait for an acknowledgement, retries included: p50', seconds(percentile(waits, 0.5))],
    ['… p99', seconds(percentile(waits, 0.99))],
    ['… longest', seconds(waits.at(-1) ?? NaN)],
    ['violations', verified.violations.length],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  const line = (name: string, value: string | number) => `| ${name.padEnd(width)} | ${String(value).padStart(12)} |`;
  return [line('', ''), `|${'-'.repeat(width + 2)}|${'-'.repeat(13)}:|`, ...rows.map(([name, value]) => line(name, value))].join('\n');
};

/** The first ten of each kind. */
export const listOf = ({ violations }: Verified): string =>
  [...Map.groupBy(violations, ({ kind }) => kind)].map(([kind, its]) =>
    [`${kind}: ${its.length}`, ...its.slice(0, 10).map(({ what }) => `  ${what}`)].join('\n')).join('\n');

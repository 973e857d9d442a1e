import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { median } from './rounds.mjs';

const file = join(import.meta.dirname, '..', 'docs', 'benchmarks.md');
const begin = '<!-- written by npm run bench: begin -->';
const end = '<!-- end -->';

const number = (value) => (value === undefined ? '' : value >= 100 ? Math.round(value).toLocaleString('en').replaceAll(',', ' ') : value.toPrecision(3).replace(/\.0+$/, ''));
const shown = (values, unit) => (values === undefined ? '' : `${number(Array.isArray(values) ? median(values) : values)} ${unit}`);

const line = ({ what, ours, other, unit, ratio, aim }) =>
  `| ${what} | ${shown(ours, unit)} | ${shown(other, unit)} | ${ratio === undefined ? '' : `**${ratio.toFixed(2)}**`} | ${aim ?? ''} |`;

export const tableOf = (rows) => ['| what | ours | the other | ratio | aim |', '|---|---|---|---|---|', ...rows.map(line)].join('\n');

const versions = (ground) => `Node ${process.version.slice(1)}, PostgreSQL ${ground.postgresVersion}, Apache Kafka 4.1.1`;

/** Between the two marks; what people wrote around them stays. */
export const write = (ground, rows) => {
  const revision = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  const [{ model }] = cpus();
  const text = `${begin}\n${new Date().toISOString().slice(0, 10)}, revision ${revision}; ${cpus().length} × ${model.trim()}, ${Math.round(totalmem() / 1024 ** 3)} GB; ${versions(ground)}.\n\n${tableOf(rows)}\n${end}`;
  const old = existsSync(file) ? readFileSync(file, 'utf8') : `# How fast it is\n\n${begin}\n${end}\n`;
  const [before, rest] = old.split(begin);
  writeFileSync(file, `${before}${text}${rest.split(end)[1]}`);
};

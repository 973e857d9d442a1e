import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { median } from './rounds.mjs';

const file = join(import.meta.dirname, '..', 'docs', 'benchmarks.md');

const number = (value) => (value === undefined ? '' : value >= 100 ? Math.round(value).toLocaleString('en').replaceAll(',', ' ') : value.toPrecision(3).replace(/\.0+$/, ''));
const shown = (values, unit) => (values === undefined ? '' : `${number(Array.isArray(values) ? median(values) : values)} ${unit}`);

const line = ({ what, ours, other, unit, ratio, aim }) =>
  `| ${what} | ${shown(ours, unit)} | ${shown(other, unit)} | ${ratio === undefined ? '' : `**${ratio.toFixed(2)}**`} | ${aim ?? ''} |`;

export const tableOf = (rows) => ['| what | ours | the other | ratio | aim |', '|---|---|---|---|---|', ...rows.map(line)].join('\n');

/** Between the two marks of the row; what people wrote around them stays. */
export const write = (name, rows, postgresVersion) => {
  const [begin, end] = [`<!-- ${name}: written by npm run bench -->`, `<!-- end of ${name} -->`];
  const revision = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  const [{ model }] = cpus();
  const where = `${new Date().toISOString().slice(0, 10)}, revision ${revision}, ${cpus().length} × ${model.trim()} with ${loadavg()[0].toFixed(1)} processes waiting or running, ${Math.round(totalmem() / 1024 ** 3)} GB, Node ${process.version.slice(1)}, PostgreSQL ${postgresVersion}, Apache Kafka 4.1.1`;
  const [before, rest] = readFileSync(file, 'utf8').split(begin);
  writeFileSync(file, `${before}${begin}\n${tableOf(rows)}\n\n${where}.\n${end}${rest.split(end)[1]}`);
};

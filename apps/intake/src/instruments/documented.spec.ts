import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const app = join(import.meta.dirname, '../..');
const page = readFileSync(join(app, '../../docs/questionnaires.md'), 'utf8');
const rows = page.split('\n').filter((line) => line.startsWith('|') && !/^\|[-| ]+\|$/.test(line) && !/\| test \|$/.test(line));
const named = rows.map((row): [row: string, file: string, words: string] => {
  const [, file, words] = /`([^`]+\.spec\.ts)`: (.+) \|$/.exec(row) ?? [];
  return [row, file ?? 'no file', words ?? 'no test'];
});

it('says of many features how far they are supported', () => expect(rows.length).toBeGreaterThan(50));

it.each(named)('%s', (_, file, words) => {
  expect(existsSync(join(app, file))).toBe(true);
  const tests = readFileSync(join(app, file), 'utf8');
  expect(tests.includes(words)).toBe(true);
});

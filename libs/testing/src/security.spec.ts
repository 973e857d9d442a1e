import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..', '..');
const page = readFileSync(join(root, 'docs/security.md'), 'utf8');

/** OWASP ASVS 5.0.0: the level of each requirement, by section; `1.2` begins with 1.2.1. */
const levels: Readonly<Record<string, string>> = {
  1.1: '22', 1.2: '1111122223', 1.3: '112222222223', 1.4: '222', 1.5: '123', 2.1: '122', 2.2: '112', 2.3: '12223', 2.4: '23',
  3.1: '3', 3.2: '113', 3.3: '12223', 3.4: '11222233', 3.5: '11122333', 3.6: '3', 3.7: '22333', 4.1: '12233', 4.2: '23333', 4.3: '22', 4.4: '1222',
  5.1: '2', 5.2: '112333', 5.3: '113', 5.4: '222', 6.1: '122', 6.2: '111111112222', 6.3: '11223333', 6.4: '112233', 6.5: '22222333', 6.6: '2223', 6.7: '33', 6.8: '2222',
  7.1: '222', 7.2: '1111', 7.3: '22', 7.4: '11222', 7.5: '223', 7.6: '22', 8.1: '1233', 8.2: '1123', 8.3: '133', 8.4: '23', 9.1: '111', 9.2: '1222',
  '10.1': '22', 10.2: '223', 10.3: '22223', 10.4: '1111122222233333', 10.5: '22222', 10.6: '22', 10.7: '222',
  11.1: '2233', 11.2: '22233', 11.3: '11233', 11.4: '1222', 11.5: '23', 11.6: '23', 11.7: '33', 12.1: '12233', 12.2: '11', 12.3: '22223',
  13.1: '2333', 13.2: '222223', 13.3: '2233', 13.4: '1222233', 14.1: '22', 14.2: '12223333', 14.3: '122', 15.1: '12233', 15.2: '12233', 15.3: '1222222', 15.4: '3333',
  16.1: '2', 16.2: '22222', 16.3: '2222', 16.4: '222', 16.5: '2223', 17.1: '23', 17.2: '22223333', 17.3: '22',
};
/** Authorization, tokens, OAuth, data protection. */
const withThird = ['8', '9', '10', '14'];

const wanted = Object.entries(levels).flatMap(([section, each]) => [...each].flatMap((level, at) => (level < '3' || withThird.includes(section.split('.')[0]!) ? [`${section}.${at + 1}`] : [])));
const rows = [...page.split('## OWASP ASVS 5.0')[1]!.matchAll(/^\| (\d[\d., ]*) \| (.+?) \| (.+) \|$/gm)].map(([, numbers, what, how]) => ({ numbers: numbers!.split(', '), what: what!, how: how! }));

describe('docs/security.md', () => {
  it('knows every requirement of ASVS 5.0', () => {
    const count = (level: string) => Object.values(levels).join('').split(level).length - 1;
    expect([count('1'), count('2'), count('3')]).toEqual([70, 183, 92]);
  });

  it('answers each requirement of level 2, and of level 3 where it is promised, once', () => {
    const answered = rows.flatMap(({ numbers }) => numbers);
    expect(answered.filter((number, at) => answered.indexOf(number) !== at)).toEqual([]);
    expect(wanted.filter((number) => !answered.includes(number))).toEqual([]);
    expect(answered.filter((number) => !wanted.includes(number))).toEqual([]);
  });

  it('gives each a test, a reason, or a place to read', () => {
    const reason = /`[^`]+`: |Not here|Keycloak|Operations|Open|above|section|docs\/|ES256/;
    expect(rows.filter(({ how }) => !reason.test(how)).map(({ numbers }) => numbers)).toEqual([]);
  });

  const named = [...page.matchAll(/`([\w./-]+\/[\w.-]+\.(?:ts|mjs)|deploy\/Dockerfile|\.dockerignore)`: ([^|]+?)(?:; [^|]*| \||\. [A-Z][^|]*)/g)].map(([, file, words]) => [file!, words!.trim()] as const);
  it('names many tests', () => expect(named.length).toBeGreaterThan(80));
  it.each(named)('%s: %s', (file, words) => {
    expect(existsSync(join(root, file))).toBe(true);
    expect(readFileSync(join(root, file), 'utf8')).toContain(words);
  });
});

it('nothing answers with a table for a spreadsheet, whose cells could be formulas', () => {
  for (const file of globSync('docs/openapi/*.json', { cwd: root })) expect(readFileSync(join(root, file), 'utf8')).not.toMatch(/text\/csv|spreadsheet/);
});

import { roles } from '@opora/access';
import { ESLint } from 'eslint';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import tseslint from 'typescript-eslint';

// The first one reads the whole program, on a machine that is busy with other tests.
const slow = 90_000;

const root = join(import.meta.dirname, '../../..');

describe('a planted violation is reported', () => {
  const eslint = new ESLint({ cwd: root });
  // The text is linted as if it stood in this file; nothing is written.
  const lint = async (file: string, text: string) => {
    expect(existsSync(join(root, file))).toBe(true);
    const [result] = await eslint.lintText(`${text}\n`, { filePath: join(root, file) });
    return result!.messages.map(({ ruleId, message }) => ruleId ?? message);
  };

  const boundary = '@nx/enforce-module-boundaries';
  const imports = '@typescript-eslint/no-restricted-imports';
  const [ourDomain, matter, store] = ['libs/domain/src/fact.ts', 'apps/legal-aid/src/domain/matter.ts', 'apps/legal-aid/src/matters.store.ts'];

  it.each([
    ['the domain lib imports Nest', ourDomain, `export { Injectable } from '@nestjs/common';`, imports],
    ['a domain folder imports Nest', matter, `export { Injectable } from '@nestjs/common';`, imports],
    ['a domain folder imports TypeORM', matter, `export { DataSource } from 'typeorm';`, imports],
    ['a domain folder imports Node', matter, `export { randomUUID } from 'node:crypto';`, imports],
    ['a domain folder imports messaging', matter, `export { newId } from '@opora/messaging';`, imports],
    ['a domain folder imports its own service', matter, `export { Matters } from '../matters.store.js';`, imports],
    ['a domain folder imports late', matter, `export const pg = () => import('pg');`, 'no-restricted-syntax'],
    ['a domain folder runs code of the contracts', matter, `export { check } from '@opora/contracts';`, imports],
    ['a domain folder asks the clock', matter, `export const now = new Date();`, 'no-restricted-globals'],
    ['a domain folder asks the clock through Temporal', matter, `import { Temporal } from 'temporal-polyfill';\nexport const now = Temporal.Now.instant();`, 'no-restricted-properties'],
    ['a domain folder throws dice', matter, `export const id = Math.random();`, 'no-restricted-properties'],
    ['a domain folder draws an id', matter, `export const id = crypto.randomUUID();`, 'no-restricted-globals'],
    ['a domain folder reads the environment', matter, `export const secret = process.env.SECRET;`, 'no-restricted-globals'],
    ['a domain folder calls out', matter, `export const answer = () => fetch('http://127.0.0.1');`, 'no-restricted-globals'],
    ['instruments import Fastify', 'apps/intake/src/instruments/form.ts', `export { fastify } from 'fastify';`, imports],
    ['one app imports another', store, `export * from '@opora/intake';`, boundary],
    ['one app imports another by path', store, `export * from '../../intake/src/instruments/index.js';`, boundary],
    ['an app imports the cluster tools', store, `export * from '@opora/postgres';`, boundary],
    ['an app imports the test harness', store, `export * from '@opora/testing';`, boundary],
    ['domain imports contracts', ourDomain, `export * from '@opora/contracts';`, boundary],
    ['contracts import service', 'libs/contracts/src/topics.ts', `export * from '@opora/service';`, boundary],
    ['messaging imports access', 'libs/messaging/src/clock.ts', `export * from '@opora/access';`, boundary],
    ['postgres imports messaging', 'libs/postgres/src/failures.ts', `export * from '@opora/messaging';`, boundary],
    ['a service writes to the console', store, `console.log('here');`, 'no-console'],
    ['a promise is left alone', store, `export const go = (work: () => Promise<void>) => { work(); };`, '@typescript-eslint/no-floating-promises'],
  ])('%s', async (_, file, text, rule) => {
    expect(await lint(file, text)).toContain(rule);
  }, slow);

  it.each([
    ['domain code may compute with days', matter, `import { Temporal } from 'temporal-polyfill';\nexport const next = (day: string) => Temporal.PlainDate.from(day).add({ days: 1 }).toString();`],
    ['domain code may take types of the contracts', matter, `export type { Offer } from '@opora/contracts';`],
    ['a service may import its libs', store, `export { newId } from '@opora/messaging';`],
    ['a test may import the harness', 'apps/legal-aid/test/legal-aid.int.spec.ts', `export { startHarness } from '@opora/testing';`],
  ])('%s', async (_, file, text) => {
    expect(await lint(file, text)).toEqual([]);
  }, slow);
});

it('no source crosses a boundary', async () => {
  // Types are the slow part, and no boundary needs them.
  const eslint = new ESLint({ cwd: root, overrideConfig: tseslint.configs.disableTypeChecked });
  const results = await eslint.lintFiles(['libs/*/src/**/*.ts', 'apps/*/src/**/*.ts']);
  const found = results.flatMap(({ filePath, messages }) => messages.map(({ line, message }) => `${relative(root, filePath)}:${line} ${message}`));
  expect(results.length).toBeGreaterThan(100);
  expect(found).toEqual([]);
}, slow);

describe('an app that serves every module names none', () => {
  const modules = ['intake', 'counselling', 'psychosocial', 'legal-aid', 'rehabilitation', 'monitoring'];

  /** Other modules that the text names, however the name is written. Roles belong to the access language, not to a module. */
  const namedIn = (text: string, own: string): string[] => {
    const rest = roles.reduce((left, role) => left.replaceAll(role, ''), text);
    return modules.filter((module) => module !== own && new RegExp(module.replace('-', '[-_ ]?'), 'i').test(rest));
  };

  it.each([`'legal-aid'`, 'legalAidTopic', 'class LegalAid', 'from legal_aid', `'opora.intake.v1'`, 'PSYCHOSOCIAL'])('notices %s', (text) => {
    expect(namedIn(text, 'counselling')).toHaveLength(1);
  });

  it('leaves its own name and the roles alone', () => {
    expect(namedIn(`@Controller('v1/counselling') @Allow('plan.read', 'intake-worker', 'counsellor')`, 'counselling')).toEqual([]);
  });

  const apps = ['gateway', 'counselling', 'monitoring'].filter((app) => existsSync(join(root, 'apps', app, 'src')));
  it.each(apps)('%s', (app) => {
    const files = globSync(`apps/${app}/src/**/*`, { cwd: root, withFileTypes: true }).filter((entry) => entry.isFile() && !entry.name.endsWith('.spec.ts'));
    const found = files.map((entry) => join(entry.parentPath, entry.name))
      .flatMap((file) => namedIn(readFileSync(file, 'utf8'), app).map((module) => `${file} names ${module}`));
    expect(found).toEqual([]);
  });
});

import { createRequire } from 'node:module';
import nxPlugin from '@nx/eslint-plugin';
import { builtinRules } from 'eslint/use-at-your-own-risk';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

// Without a project graph in .nx, Nx's boundary rule skips itself and every boundary looks respected.
process.env.NX_ISOLATE_PLUGINS ??= 'false';
await createRequire(import.meta.url)('@nx/devkit').createProjectGraphAsync({ exitOnError: false });

/** What each lib may import. Whatever is not listed here is forbidden. */
const mayImport = {
  domain: [],
  contracts: ['domain'],
  access: ['contracts', 'domain'],
  messaging: ['contracts', 'domain'],
  service: ['access', 'contracts', 'domain', 'messaging'],
  postgres: [],
  testing: ['access', 'contracts', 'domain', 'messaging', 'postgres', 'service'],
};
const forApps = ['access', 'contracts', 'domain', 'messaging', 'service'];

const lib = (name) => `lib:${name}`;
const boundaries = ({ also = [], ...more } = {}) => ({
  '@nx/enforce-module-boundaries': ['error', {
    // Loading late is a browser's concern.
    checkDynamicDependenciesExceptions: ['.*'],
    // Tests of a lib use `testing`, which uses the lib; between sources the constraints below leave no room for a circle.
    ignoredCircularDependencies: Object.keys(mayImport).filter((name) => name !== 'testing').map((name) => ['@opora/testing', `@opora/${name}`]),
    depConstraints: [
      ...Object.entries(mayImport).map(([name, others]) => ({ sourceTag: lib(name), onlyDependOnLibsWithTags: [...others, ...also].map(lib) })),
      { sourceTag: 'app:*', onlyDependOnLibsWithTags: [...forApps, ...also].map(lib) },
    ],
    ...more,
  }],
});

const pure = 'Domain code decides from what it is given: no framework, database, network or file; hand it in.';
const given = 'Domain code has no clock, chance, environment or output of its own; the caller hands these in.';
const purity = (...packages) => ({
  '@typescript-eslint/no-restricted-imports': ['error', {
    patterns: [
      { regex: `^(?!\\.{1,2}/|@opora/(domain|contracts)$|(${['temporal-polyfill', ...packages].join('|')})$)`, message: pure },
      // `canonical` compares by value and is pure.
      { regex: '^@opora/contracts$', allowTypeImports: true, allowImportNames: ['canonical'], message: 'Domain code takes only types from the contracts.' },
      { regex: '^\\.\\./(?!instruments/)', message: 'Domain code imports nothing of the service around it.' },
    ],
  }],
  'no-restricted-syntax': ['error', { selector: 'ImportExpression', message: pure }],
  'no-restricted-globals': ['error', ...['Date', 'process', 'crypto', 'fetch', 'setTimeout', 'setInterval', 'setImmediate', 'performance', 'console', 'Buffer', 'globalThis', 'require']
    .map((name) => ({ name, message: given }))],
  'no-restricted-properties': ['error', { object: 'Math', property: 'random', message: given }, { object: 'Temporal', property: 'Now', message: given }],
});

const specs = '**/*.spec.ts';

export default defineConfig(
  globalIgnores(['**/dist/', '**/node_modules/', '.opora/', '.nx/', 'coverage/', 'docs/']),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.ts', '**/*.mjs'],
    rules: Object.fromEntries([...builtinRules].filter(([, { meta }]) => meta.docs?.recommended).map(([name]) => [name, 'error'])),
  },
  {
    files: ['**/*.mjs'],
    languageOptions: { globals: Object.fromEntries(Object.getOwnPropertyNames(globalThis).map((name) => [name, 'readonly'])) },
  },
  {
    files: ['{libs,apps}/**/*.ts'],
    extends: [tseslint.configs.recommended],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true }],
      eqeqeq: 'error',
    },
  },
  {
    files: ['{libs,apps}/*/{src,test}/**/*.{ts,mjs}'],
    plugins: { '@nx': nxPlugin },
    rules: { ...boundaries(), 'no-console': 'error' },
  },
  {
    files: ['{libs,apps}/*/test/**', specs],
    rules: {
      ...boundaries({
        also: ['testing', 'postgres'],
        // A test uses its own lib as others do.
        allowCircularSelfDependency: true,
        // Worker processes of tests start from source, where packages are not built.
        allow: ['/testing/src/import-typescript\\.mjs$'],
      }),
      'no-console': 'off',
    },
  },
  // Tests, the demo and the crash test look into answers that no type describes.
  { files: ['{libs,apps}/*/test/**/*.ts', 'libs/testing/src/**/*.ts', 'apps/opora/src/{demo,crash}/**/*.ts', specs], rules: { '@typescript-eslint/no-explicit-any': 'off' } },
  { files: ['apps/opora/**'], rules: { ...boundaries({ allow: ['^@opora/'] }), 'no-console': 'off' } },
  { files: ['libs/domain/src/**/*.ts', 'apps/*/src/domain/**/*.ts'], ignores: [specs], rules: purity() },
  { files: ['apps/intake/src/instruments/**/*.ts'], ignores: [specs], rules: purity('fhirpath', 'fhirpath/fhir-context/r4') },
);

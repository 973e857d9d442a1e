// One runner for all tiers; `npm test -- --selectProjects domain` runs one of them.
const shared = {
  rootDir: import.meta.dirname,
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': ['@swc/jest'] },
  moduleNameMapper: {
    '^(\\.{1,2}/.*)\\.js$': '$1',
    '^@opora/(domain|contracts|access|messaging|service|postgres|testing)$': '<rootDir>/libs/$1/src/index.ts',
    '^@opora/messaging/kafka$': '<rootDir>/libs/messaging/src/kafka/index.ts',
    '^@opora/service/run$': '<rootDir>/libs/service/src/run-service.ts',
    '^@opora/(intake|counselling|legal-aid|gateway)$': '<rootDir>/apps/$1/src/$1.module.ts',
  },
  setupFiles: ['<rootDir>/libs/testing/src/preload.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/', '/.opora/'],
  modulePathIgnorePatterns: ['/dist/', '/.opora/'],
};

const tier = (displayName, testMatch, more = {}) => ({ ...shared, displayName, testMatch, ...more });
const withPostgres = { globalSetup: '<rootDir>/libs/testing/src/global-setup.mjs', globalTeardown: '<rootDir>/libs/testing/src/global-teardown.mjs' };

export default {
  testTimeout: 30_000,
  projects: [
    tier('domain', ['<rootDir>/{libs,apps}/*/src/**/*.spec.ts']),
    tier('integration', ['<rootDir>/{libs,apps}/*/test/**/*.int.spec.ts'], withPostgres),
    tier('journey', ['<rootDir>/apps/*/test/**/*.e2e.spec.ts']),
    ...(process.env.OPORA_TRIALS ? [tier('trial', ['<rootDir>/apps/*/test/**/*.trial.spec.ts'], withPostgres)] : []),
  ],
};

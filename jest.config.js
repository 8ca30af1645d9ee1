// As in production: among others graphql then leaves out checks that cost a tenth of a run. Jest itself would say "test".
process.env.NODE_ENV = 'production';

/** Tests run as ES modules against the sources; see the "test" scripts in package.json for how each kind is started. */
const common = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: {
    // A training thread runs outside of jest.
    '^\\./thread-file\\.js$': '<rootDir>/tests/support/compiled-thread-file.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  transform: {
    '^.+\\.ts$': ['@swc/jest', { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'es6' } }],
  },
  // What `npm start` builds and what git ignores is no place to look for tests or modules.
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/\\.rankloop/'],
};

/** Tests on the real database: a template is made once, then cloned for each file. */
const onDatabase = {
  ...common,
  globalSetup: '<rootDir>/tests/support/global-setup.js',
  globalTeardown: '<rootDir>/tests/support/global-teardown.js',
};

/** Tests of the embedded PostgreSQL itself have no other one to run on. */
const elsewhere = process.env.TEST_DATABASE_URL ? ['/tests/integration/database/embedded-'] : [];

export default {
  maxWorkers: 2,
  testTimeout: 120_000,
  projects: [
    { ...common, displayName: 'unit', testMatch: ['<rootDir>/tests/unit/**/*.test.ts'] },
    { ...onDatabase, displayName: 'integration', testMatch: ['<rootDir>/tests/integration/**/*.test.ts'], testPathIgnorePatterns: elsewhere },
    { ...onDatabase, displayName: 'system', testMatch: ['<rootDir>/tests/system/**/*.test.ts'] },
    { ...onDatabase, displayName: 'e2e', testMatch: ['<rootDir>/tests/e2e/**/*.test.ts'] },
  ],
};

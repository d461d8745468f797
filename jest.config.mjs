/** Nest is ESM only and Jest runs CommonJS: everything, packages included, is compiled. See docs/contributing.md. */
export default {
  rootDir: import.meta.dirname,
  testEnvironment: 'node',
  roots: ['<rootDir>/apps', '<rootDir>/libs', '<rootDir>/test'],
  testMatch: ['**/*.spec.ts', '**/*.api-spec.ts'],
  moduleNameMapper: {
    '^#(libs|apps)/(.*)\\.js$': '<rootDir>/$1/$2',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  moduleFileExtensions: ['ts', 'mjs', 'js', 'json', 'node'],
  transform: {
    '^.+\\.(m?ts|m?js)$': [
      '@swc/jest',
      {
        swcrc: false,
        jsc: {
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
          target: 'es2023',
          keepClassNames: true,
        },
        module: { type: 'commonjs' },
        sourceMaps: 'inline',
      },
    ],
  },
  transformIgnorePatterns: [],
  // The differential suite asks the real server some 15,000 questions, which takes a quarter of an hour: `npm run test:differential`.
  testPathIgnorePatterns: process.env.DIFFERENTIAL ? [] : ['<rootDir>/test/differential/differential\\.spec\\.ts$'],
  globalSetup: '<rootDir>/libs/testing/global-setup.mjs',
  globalTeardown: '<rootDir>/libs/testing/global-teardown.mjs',
  cacheDirectory: '<rootDir>/.cache/jest',
  reporters: ['default', '<rootDir>/libs/testing/summary-reporter.mjs'],
  maxWorkers: 2,
  testTimeout: 30_000,
};

import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/build.ts'],
    exclude: ['test/faults/**', 'node_modules/**'],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    // Two cores are the usual machine; more workers than that only make the timings of the real servers worse.
    maxWorkers: 2,
  },
});

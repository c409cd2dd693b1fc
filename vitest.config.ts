import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/build.ts'],
    exclude: ['test/faults/**', 'node_modules/**'],
    // Real servers and a browser on a machine that others may be using: a slow answer is no wrong one.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    retry: process.env.CI ? 1 : 0,
    // Two cores are the usual machine; more workers than that only make the timings of the real servers worse.
    maxWorkers: 2,
  },
});

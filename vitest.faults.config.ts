import { defineConfig } from 'vitest/config';

/** Faults: real processes that are killed, stopped and starved. Minutes, not seconds; kept out of `npm test`. */
export default defineConfig({
  test: {
    include: ['test/faults/**/*.test.ts'],
    globalSetup: ['test/support/build.ts'],
    testTimeout: 180_000,
    retry: process.env.CI ? 1 : 0,
    hookTimeout: 120_000,
    // Most of the time everybody waits for a lock to run out or a server to come back: three files at once keep two cores busy.
    maxWorkers: 3,
  },
});

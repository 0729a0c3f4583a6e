import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Tests wait for conditions on real servers; the limit is for what hangs.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Two cores carry two PostgreSQL servers, a Temporal server and the tests.
    maxWorkers: 2,
  },
});

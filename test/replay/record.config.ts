import { defineConfig } from 'vitest/config';

/** For `npm run record-histories`, which `npm test` leaves alone. */
export default defineConfig({
  test: {
    include: ['test/replay/record.ts'],
    testTimeout: 240_000,
    hookTimeout: 120_000,
  },
});

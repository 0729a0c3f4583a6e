import { defineConfig } from 'vitest/config';
import { inMemory } from './test/temporary-folder.js';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Tests wait for conditions on real servers; the limit is for what hangs.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    env: inMemory(),
    // Most tests wait for a server most of the time: two cores carry four at once.
    maxWorkers: 4,
  },
});

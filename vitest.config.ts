import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/longest-first.js';
import { shortLived } from './test/node-options.js';

const FAKED = 'test/unit/workflows/faked/**/*.test.ts';

export default defineConfig({
  test: {
    // Most tests wait for a server most of the time: two cores carry six at once.
    maxWorkers: 6,
    execArgv: shortLived,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        extends: true,
        // Unit tests keep nothing outside themselves, so files share a process: loading the code again for each took most of their time.
        test: { name: 'unit', include: ['test/unit/**/*.test.ts'], exclude: [FAKED], isolate: false },
      },
      {
        extends: true,
        // These replace Temporal's module by a fake one, which another file in the same process would get, too.
        test: { name: 'unit-faked', include: [FAKED] },
      },
      {
        extends: true,
        test: {
          name: 'servers',
          globalSetup: 'test/run-folder.ts',
          include: ['test/**/*.test.ts'],
          exclude: ['test/unit/**', '**/node_modules/**'],
          // As above: a file ends its servers, and keeps nothing in a module. Loading the code takes 0.6 s of processor time.
          isolate: false,
        },
      },
    ],
    // Tests wait for conditions on real servers. The limits are for what hangs: a busy machine takes several times as long as an idle one.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 120_000 } },
  },
});

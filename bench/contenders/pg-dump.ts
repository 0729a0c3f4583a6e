import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { timed, type Contender } from '../contender.js';
import { run, whyClientTooOld } from '../program.js';

/** The setval statements of a dump, restored. */
export const pgDump: Contender = {
  name: 'pg_dump’s setval',
  description:
    '`pg_dump --section=data --exclude-schema=sequence_failover`, which writes a setval for each sequence, run by psql on the standby: the same values, without a buffer.',
  unavailable: (serverVersion) => whyClientTooOld('pg_dump', serverVersion),
  run: async ({ primaryUrl, standbyUrl }) => {
    const folder = mkdtempSync(join(tmpdir(), 'pg-dump-'));
    const file = join(folder, 'dump.sql');
    try {
      return await timed(async () => {
        await run('pg_dump', [
          primaryUrl,
          '--section=data',
          '--exclude-schema=sequence_failover',
          '--file',
          file,
        ]);
        await run('psql', [standbyUrl, '-Xq', '-v', 'ON_ERROR_STOP=1', '-f', file]);
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};

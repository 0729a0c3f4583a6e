import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { timed, type Contender } from '../contender.js';
import { run, whyClientTooOld } from '../program.js';

/** It calls the pg_dump of its own PostgreSQL version. */
export const pgcopydb: Contender = {
  name: 'pgcopydb',
  description:
    '`pgcopydb copy sequences`: reads each sequence and sets it to the same value, without a buffer.',
  unavailable: async (serverVersion) =>
    (await whyClientTooOld('pgcopydb', serverVersion)) ?? whyClientTooOld('pg_dump', serverVersion),
  run: async ({ primaryUrl, standbyUrl }) => {
    const folder = mkdtempSync(join(tmpdir(), 'pgcopydb-'));
    try {
      return await timed(() =>
        run('pgcopydb', [
          ...['copy', 'sequences', '--source', primaryUrl, '--target', standbyUrl],
          ...['--dir', join(folder, 'work'), '--not-consistent'],
        ]),
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};

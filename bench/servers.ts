/** The durable run on several versions of PostgreSQL, with analyzed and with new catalogs: `npm run bench -- --servers`. */
import { installedVersions, namedDirectories } from '../src/local/postgres-binaries.js';
import { bareSql } from './contenders/bare-sql.js';
import { dblink } from './contenders/dblink.js';
import { refreshSequences } from './contenders/refresh-sequences.js';
import type { Case, Catalogs } from './databases.js';
import { describeMachine } from './machine.js';
import { measure } from './measure.js';
import { temporalVersion } from './program.js';
import { tell } from './progress.js';
import { serversSummary, serversToMarkdown } from './servers-report.js';
import type { ServerMeasurement, ServersResults } from './servers-results.js';
import { startStage } from './stage.js';
import { writeResults } from './write-results.js';

export interface ServersOptions {
  /** Folders, each with `initdb` and `postgres`. Empty: all that are installed. */
  readonly directories: readonly string[];
  /** Besides those folders, all that are installed. */
  readonly installed: boolean;
  readonly catalogs: readonly Catalogs[];
  readonly runs: number;
  /** Of 10,000 sequences, also with a table each, and 100,000. */
  readonly sizes: readonly number[];
  /** The folder for the results. */
  readonly out: string;
}

const SIZE = 10_000;
const LARGE = 100_000;
/** The sizes that are measured. */
export const SIZES: readonly number[] = [SIZE, LARGE];

/** What POSTGRES_BIN names; otherwise every version that this machine has, the oldest first. */
function installedServers(): string[] {
  const named = namedDirectories();
  return named.length > 0 ? named : installedVersions().map(({ binaries }) => binaries);
}

export async function benchServers(options: ServersOptions): Promise<void> {
  const results = await measureServers(options);
  const files = { 'servers.json': results, 'servers.md': serversToMarkdown(results) };
  writeResults(options.out, files, serversSummary(results));
}

async function measureServers(options: ServersOptions): Promise<ServersResults> {
  const { catalogs, runs, sizes } = options;
  const directories =
    options.installed || options.directories.length === 0
      ? [...installedServers(), ...options.directories]
      : options.directories;
  let temporal = 'unknown';
  const begun = performance.now();
  const measured: ServerMeasurement[] = [];
  for (const binaries of directories) {
    const all = catalogs.flatMap((state): Required<Case>[] => [
      { size: SIZE, shape: 'sequences', catalogs: state },
      { size: SIZE, shape: 'tables', catalogs: state },
      { size: SIZE, shape: 'rows', catalogs: state },
      { size: LARGE, shape: 'sequences', catalogs: state },
    ]);
    const cases = all.filter(({ size }) => sizes.includes(size));
    // The bench runs ANALYZE for the analyzed catalogs. Autovacuum is off for the others.
    const stage = await startStage(cases, { binaries, serverSettings: { autovacuum: 'off' } });
    try {
      const { version } = stage.servers.primary;
      temporal = await temporalVersion(stage.temporal.cli);
      for (const each of cases) {
        tell(`PostgreSQL ${version}, ${each.size} ${each.shape}, ${each.catalogs}`);
        const contenders = each.size === LARGE ? [bareSql] : [bareSql, dblink];
        const { series, durable } = await measure(stage, each, 'loopback', {
          contenders: [...contenders, refreshSequences],
          runs: each.size === LARGE ? Math.min(runs, 3) : runs,
        });
        measured.push({ version, catalogs: each.catalogs, series, durable });
        await stage.drop(each);
      }
    } finally {
      await stage.stop();
    }
  }
  const versions = [...new Set(measured.map(({ version }) => version))].join(', ');
  return {
    machine: describeMachine({ postgres: versions, temporal }),
    runs,
    seconds: (performance.now() - begun) / 1000,
    measured,
  };
}

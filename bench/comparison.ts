import { toSvg } from './chart.js';
import { bareSql } from './contenders/bare-sql.js';
import { dblink } from './contenders/dblink.js';
import { pgDump } from './contenders/pg-dump.js';
import { pgcopydb } from './contenders/pgcopydb.js';
import { psql } from './contenders/psql.js';
import type { Case } from './databases.js';
import { describeMachine } from './machine.js';
import { measure } from './measure.js';
import { temporalVersion } from './program.js';
import { tell } from './progress.js';
import { summary, toMarkdown } from './report.js';
import type { Results } from './results.js';
import { ofSequences, ofTables, settings, startStage, type Line, type Stage } from './stage.js';
import { measureWorkerStart } from './worker-start.js';
import { writeResults } from './write-results.js';

export interface ComparisonOptions {
  /** Numbers of sequences. */
  readonly sizes: readonly number[];
  /** How often each contender is run. */
  readonly runs: number;
  /** The folder of `initdb` and `postgres`. Absent: those of npm. */
  readonly binaries?: string;
  /** The folder for the results. */
  readonly out: string;
}

/** The largest size over the slow line: some contenders make a round trip for each sequence, and need minutes for more. */
const FAR_AT_MOST = 10_000;
const contenders = [bareSql, dblink, psql, pgcopydb, pgDump];

/** Compares the durable run with other ways to move sequences. */
export async function benchContenders(options: ComparisonOptions): Promise<void> {
  const { sizes, runs, binaries, out } = options;
  const begun = performance.now();
  const cases = sizes.map(ofSequences);
  const withTables = ofTables(sizes);
  const stage = await startStage([...cases, withTables], binaries === undefined ? {} : { binaries });
  try {
    const results = await emptyResults(stage, runs);
    for (const each of cases) {
      await measureCase(stage, each, 'loopback', results);
      if (each.size <= FAR_AT_MOST) await measureCase(stage, each, '20 ms', results);
      if (each === cases[0]) results.workerStart = await measureWorkerStart(stage, each, runs);
      await stage.drop(each);
    }
    await measureCase(stage, withTables, 'loopback', results);
    results.seconds = (performance.now() - begun) / 1000;
    const files = {
      'results.md': toMarkdown(results, contenders),
      'results.svg': toSvg(results),
      'results.json': results,
    };
    writeResults(out, files, summary(results));
  } finally {
    await stage.stop();
  }
}

async function emptyResults({ servers, temporal }: Stage, runs: number): Promise<Results> {
  const versions = { postgres: servers.primary.version, temporal: await temporalVersion(temporal.cli) };
  return {
    machine: describeMachine(versions),
    ...{ settings, runs, seconds: 0 },
    ...{ series: [], durable: [], workerStart: [] },
  };
}

/** Adds the figures of one case to the results. */
async function measureCase(stage: Stage, wanted: Case, line: Line, results: Results): Promise<void> {
  tell(`${wanted.size} ${wanted.shape}, ${line}`);
  const { series, durable } = await measure(stage, wanted, line, { contenders, runs: results.runs });
  results.series.push(...series);
  results.durable.push(durable);
}

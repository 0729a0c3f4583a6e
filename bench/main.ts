/** The benchmark: `npm run bench`, with options after `--`. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { toSvg } from './chart.js';
import { bareSql } from './contenders/bare-sql.js';
import { dblink } from './contenders/dblink.js';
import { pgDump } from './contenders/pg-dump.js';
import { pgcopydb } from './contenders/pgcopydb.js';
import { psql } from './contenders/psql.js';
import { fleetSummary, measureFleet } from './fleet.js';
import { describeMachine } from './machine.js';
import { measure } from './measure.js';
import { run } from './program.js';
import { summary, toMarkdown } from './report.js';
import type { Results } from './results.js';
import type { Catalogs } from './databases.js';
import { serversSummary, serversToMarkdown } from './servers-report.js';
import { installedServers, measureServers, SIZES } from './servers.js';
import { settings, startStage, type Case, type Line } from './stage.js';
import { switchToMarkdown } from './switch-report.js';
import { measureSwitches } from './switch.js';
import { measureWorkerStart } from './worker-start.js';

interface Options {
  sizes?: number[];
  runs?: number;
  quick?: true;
  out: string;
  binaries?: string;
  servers?: true;
  installed?: true;
  catalogs?: 'analyzed' | 'new';
  fleet?: true;
  switch?: true;
  databases: number;
  sequences: number;
  workers: number;
  concurrency: number;
}

const program = new Command('npm run bench --')
  .description(
    'Measures the durable run against other ways to move sequences, by turns, on servers of its own.',
  )
  .option(
    '--sizes <numbers>',
    `numbers of sequences, with commas between them; with --servers ${SIZES.join(' or ')}`,
    wholeNumbers,
  )
  .option('--runs <number>', 'how often each is run; default: 5, with --servers or --quick 3', wholeNumber)
  .option('--quick', 'few and small, in under two minutes: 10, 100 and 1,000 sequences, three runs')
  .option('--out <folder>', 'where the results go', 'docs/benchmarks')
  .option('--binaries <folder>', 'a folder with initdb and postgres of the server to measure on')
  .option(
    '--servers',
    'measures instead 10,000 and 100,000 sequences on every server that is installed, or named, and writes servers.json and servers.md',
  )
  .argument(
    '[folders...]',
    'with --servers: folders with initdb and postgres, such as /usr/lib/postgresql/15/bin',
  )
  .option('--installed', 'with --servers and folders: besides them every server that is installed')
  .addOption(
    new Option('--catalogs <state>', 'with --servers: only analyzed or only new catalogs').choices([
      'analyzed',
      'new',
    ]),
  )
  .option('--fleet', 'measures instead one fleet over many databases, and writes fleet.json')
  .option('--databases <number>', 'with --fleet: how many databases', wholeNumber, 200)
  .option('--sequences <number>', 'with --fleet: how many sequences in each', wholeNumber, 50)
  .option('--workers <number>', 'with --fleet: how many worker processes', wholeNumber, 1)
  .option('--concurrency <number>', 'with --fleet: how many pairs are prepared at once', wholeNumber, 10)
  .option(
    '--switch',
    'measures instead the outage and the undo of promotions under a writer at full speed, and writes switch.md and switch.json',
  )
  .parse();
const options = program.opts<Options>();
const sizes = options.sizes ?? (options.quick ? [10, 100, 1_000] : [10, 100, 1_000, 10_000, 100_000]);
const runs = options.runs ?? (options.quick || options.servers ? 3 : 5);

/** A way that loops over the sequences needs minutes at this size, and as long for each sequence as at a smaller size. */
const FAR_AT_MOST = 10_000;
/** The most sequences with a table each, because a server needs minutes to create more tables. */
const TABLES_AT_MOST = 10_000;
const contenders = [bareSql, dblink, psql, pgcopydb, pgDump];

const startedAt = performance.now();
await (options.switch
  ? benchSwitches()
  : options.fleet
    ? benchFleet()
    : options.servers
      ? benchServers()
      : benchContenders());

async function benchFleet(): Promise<void> {
  const { databases, sequences, workers, concurrency, out } = options;
  tell(`a fleet of ${databases} databases, ${sequences} sequences in each`);
  const measured = await measureFleet({ databases, sequences, workers, concurrency });
  mkdirSync(out, { recursive: true });
  writeFileSync(join(out, 'fleet.json'), `${JSON.stringify(measured, null, 1)}\n`);
  process.stdout.write(`\n${fleetSummary(measured)}\n\nWritten to ${out}: fleet.json\n`);
}

async function benchSwitches(): Promise<void> {
  const wanted = options.sizes ?? [10, 1_000, 10_000];
  const cases = [...wanted.map(ofSequences), ofTables(wanted)];
  const measured = await measureSwitches({ cases, runs, tell, temporalVersion });
  mkdirSync(options.out, { recursive: true });
  writeFileSync(join(options.out, 'switch.json'), `${JSON.stringify(measured, null, 1)}\n`);
  writeFileSync(join(options.out, 'switch.md'), switchToMarkdown(measured));
  process.stdout.write(`Written to ${options.out}: switch.md, switch.json\n`);
}

function ofSequences(size: number): Case {
  return { size, shape: 'sequences' };
}

/** The largest of the sizes, with a table for each sequence. */
function ofTables(all: readonly number[]): Case {
  return { size: Math.min(TABLES_AT_MOST, Math.max(...all)), shape: 'tables' };
}

async function benchServers(): Promise<void> {
  const wanted = options.sizes ?? (options.quick ? SIZES.slice(0, 1) : SIZES);
  const unknown = wanted.filter((size) => !SIZES.includes(size));
  if (unknown.length > 0)
    program.error(`--servers measures ${SIZES.join(' and ')} sequences, not ${unknown.join(', ')}`);
  const states: Catalogs[] = ['analyzed', 'never analyzed'];
  const results = await measureServers({
    directories:
      options.installed || program.args.length === 0
        ? [...installedServers(), ...program.args]
        : program.args,
    catalogs:
      options.catalogs === undefined ? states : states.slice(options.catalogs === 'new' ? 1 : 0).slice(0, 1),
    runs,
    sizes: wanted,
    temporalVersion,
    tell,
  });
  mkdirSync(options.out, { recursive: true });
  writeFileSync(join(options.out, 'servers.json'), `${JSON.stringify(results, null, 1)}\n`);
  writeFileSync(join(options.out, 'servers.md'), serversToMarkdown(results));
  process.stdout.write(
    `\n${serversSummary(results)}\n\nWritten to ${options.out}: servers.json, servers.md\n`,
  );
}

async function benchContenders(): Promise<void> {
  const cases = sizes.map(ofSequences);
  const withTables = ofTables(sizes);
  const stage = await startStage(
    [...cases, withTables],
    options.binaries === undefined ? {} : { binaries: options.binaries },
  );
  try {
    const results: Results = {
      machine: describeMachine({
        postgres: stage.servers.primary.version,
        temporal: await temporalVersion(stage.temporal.cli),
      }),
      settings,
      runs,
      seconds: 0,
      series: [],
      durable: [],
      workerStart: [],
    };
    const take = async (wanted: Case, line: Line): Promise<void> => {
      tell(`${wanted.size} ${wanted.shape}, ${line}`);
      const measured = await measure(stage, wanted, line, {
        contenders,
        runs,
        tell: (what) => {
          tell(`  ${what}`);
        },
      });
      results.series.push(...measured.series);
      results.durable.push(measured.durable);
    };
    for (const each of cases) {
      await take(each, 'loopback');
      if (each.size <= FAR_AT_MOST) await take(each, '20 ms');
      if (each === cases[0]) results.workerStart = await measureWorkerStart(stage, each, runs);
      await stage.drop(each);
    }
    await take(withTables, 'loopback');
    results.seconds = (performance.now() - startedAt) / 1000;
    mkdirSync(options.out, { recursive: true });
    writeFileSync(join(options.out, 'results.md'), toMarkdown(results, contenders));
    writeFileSync(join(options.out, 'results.svg'), toSvg(results));
    writeFileSync(join(options.out, 'results.json'), `${JSON.stringify(results, null, 1)}\n`);
    process.stdout.write(
      `\n${summary(results)}\n\nWritten to ${options.out}: results.md, results.svg, results.json\n`,
    );
  } finally {
    await stage.stop();
  }
}

function tell(what: string): void {
  process.stderr.write(
    `${String(Math.round((performance.now() - startedAt) / 1000)).padStart(5)} s  ${what}\n`,
  );
}

async function temporalVersion(cli: string): Promise<string> {
  return /[Ss]erver (\d[\w.]*)/.exec(await run(cli, ['--version']))?.[1] ?? 'unknown';
}

function wholeNumbers(text: string): number[] {
  const numbers = text.split(',').map((part) => Number(part));
  if (numbers.some((number) => !Number.isInteger(number) || number < 1))
    throw new InvalidArgumentError('expected whole numbers above 0, such as 100,1000');
  return numbers;
}

function wholeNumber(text: string): number {
  const [number, ...more] = wholeNumbers(text);
  if (number === undefined || more.length > 0)
    throw new InvalidArgumentError('expected a whole number above 0, such as 100');
  return number;
}

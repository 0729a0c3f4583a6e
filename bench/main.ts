/** The benchmark: `npm run bench`, with options after `--`. */
import { Command, InvalidArgumentError, Option } from 'commander';
import { benchContenders } from './comparison.js';
import type { Catalogs } from './databases.js';
import { benchFleet } from './fleet.js';
import { benchServers, SIZES } from './servers.js';
import { benchSwitches } from './switch.js';

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
const { out } = options;
const runs = options.runs ?? (options.quick || options.servers ? 3 : 5);

if (options.switch) {
  await benchSwitches({ sizes: options.sizes ?? [10, 1_000, 10_000], runs, out });
} else if (options.fleet) {
  const { databases, sequences, workers, concurrency } = options;
  await benchFleet({ databases, sequences, workers, concurrency }, out);
} else if (options.servers) {
  const { installed = false } = options;
  const catalogs = catalogsOf(options.catalogs);
  await benchServers({ directories: program.args, installed, catalogs, runs, sizes: serverSizes(), out });
} else {
  const sizes = options.sizes ?? (options.quick ? [10, 100, 1_000] : [10, 100, 1_000, 10_000, 100_000]);
  const { binaries } = options;
  await benchContenders({ sizes, runs, out, ...(binaries === undefined ? {} : { binaries }) });
}

function catalogsOf(only: Options['catalogs']): Catalogs[] {
  if (only === 'analyzed') return ['analyzed'];
  if (only === 'new') return ['never analyzed'];
  return ['analyzed', 'never analyzed'];
}

function serverSizes(): readonly number[] {
  const sizes = options.sizes ?? (options.quick ? SIZES.slice(0, 1) : SIZES);
  const unknown = sizes.filter((size) => !SIZES.includes(size));
  if (unknown.length > 0)
    program.error(`--servers measures ${SIZES.join(' and ')} sequences, not ${unknown.join(', ')}`);
  return sizes;
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

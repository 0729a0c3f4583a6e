import { DURABLE } from './results.js';
import type { Shape } from './databases.js';
import { table } from './report.js';
import type { ServerMeasurement, ServersResults } from './servers-results.js';
import { ratios, spread } from './statistics.js';

/** The largest allowed ratio of the durable run's time, or of the time from the approval to the end, to the time of another way. */
interface Goal {
  size: number;
  shape: Shape;
  of: 'start to gate' | 'approval to end';
  against: string;
  most: number;
}

const goals: readonly Goal[] = [
  { size: 10_000, shape: 'sequences', of: 'start to gate', against: 'dblink function', most: 0.6 },
  { size: 10_000, shape: 'sequences', of: 'approval to end', against: 'dblink function', most: 0.2 },
  ...(['tables', 'rows'] as const).flatMap((shape): Goal[] => [
    { size: 10_000, shape, of: 'start to gate', against: 'dblink function', most: 0.9 },
    { size: 10_000, shape, of: 'approval to end', against: 'dblink function', most: 0.4 },
  ]),
  { size: 100_000, shape: 'sequences', of: 'start to gate', against: 'bare SQL', most: 2 },
  { size: 10_000, shape: 'sequences', of: 'start to gate', against: 'REFRESH SEQUENCES', most: 0.9 },
  { size: 100_000, shape: 'sequences', of: 'start to gate', against: 'REFRESH SEQUENCES', most: 0.7 },
];

/** The results as a page of the documentation. */
export function serversToMarkdown({ machine, runs, seconds, measured }: ServersResults): string {
  return [
    '# Measured: servers',
    '',
    'Written by `npm run bench -- --servers` from [servers.json](servers.json); [README.md](README.md) says how it measures. Of interest are the ratios: seconds are this machine’s.',
    '',
    `${machine.date}: ${machine.processor}, ${machine.cores} cores, ${machine.memoryGiB} GiB; ${machine.system}, Node.js ${machine.node}, Temporal server ${machine.temporal} (in memory), ` +
      `both PostgreSQL servers and the worker on this one machine. ${runs} runs of each, by turns, 3 of 100,000 sequences; ${Math.round(seconds)} s in all.`,
    '',
    '“Analyzed” catalogs have their statistics; the others have none, as on a standby that was restored a moment ago.',
    '',
    '## Targets',
    '',
    table(
      ['PostgreSQL', 'catalogs', 'what', 'goal', 'measured: median (min to max)', ''],
      measured.flatMap((one) => judge(one).map((cells) => [one.version, one.catalogs, ...cells])),
    ),
    '',
    '## Seconds',
    '',
    table(
      ['PostgreSQL', 'catalogs', 'sequences', 'way', 'min, s', 'median, s', 'max, s'],
      measured.flatMap((one) =>
        [
          ...one.series.map(({ contender, ms, notRun }) => [contender, ...times(ms, notRun)]),
          [`${DURABLE}: approval to the end`, ...times(one.durable.approvalToEnd, null)],
        ]
          .filter(([, first]) => first !== null)
          .map((cells) => [one.version, one.catalogs, label(one), ...cells.map(String)]),
      ),
    ),
    '',
  ].join('\n');
}

export function serversSummary({ measured }: ServersResults): string {
  return measured
    .flatMap((one) =>
      judge(one).map(
        ([what, goal, ratio, met]) =>
          `${met === 'met' ? 'met   ' : 'missed'}  ${one.version}, ${one.catalogs}: ${what ?? ''}: ${ratio ?? ''}, goal ${goal ?? ''}`,
      ),
    )
    .join('\n');
}

function judge(one: ServerMeasurement): string[][] {
  const { size, shape, approvalToEnd } = one.durable;
  const timesOf = (name: string) => one.series.find(({ contender }) => contender === name)?.ms ?? [];
  return goals
    .filter((goal) => goal.size === size && goal.shape === shape)
    .flatMap(({ of, against, most }) => {
      const others = timesOf(against);
      if (others.length === 0) return [];
      const { min, median, max } = spread(
        ratios(of === 'start to gate' ? timesOf(DURABLE) : approvalToEnd, others),
      );
      const measured = `${median.toFixed(2)} × (${min.toFixed(2)} to ${max.toFixed(2)})`;
      return [
        [
          `${label(one)}, ${of}: against ${against}`,
          `≤ ${most} ×`,
          measured,
          median <= most ? 'met' : '**missed**',
        ],
      ];
    });
}

const WITH: Record<Shape, string> = {
  sequences: '',
  tables: ' with an empty table each',
  rows: ' with a table and a row each',
};

function label({ durable: { size, shape } }: ServerMeasurement): string {
  return `${size.toLocaleString('en')}${WITH[shape]}`;
}

function times(ms: readonly number[], notRun: string | null): (string | null)[] {
  if (ms.length === 0)
    return notRun === null || notRun.startsWith('PostgreSQL has it')
      ? [null]
      : [`not run: ${notRun}`, '', ''];
  const { min, median, max } = spread(ms);
  return [min, median, max].map((one) => (one / 1000).toFixed(2));
}

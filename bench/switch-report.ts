import { table } from './report.js';
import { spread } from './statistics.js';
import type { SwitchResults, SwitchSeries } from './switch-results.js';

/** Milliseconds that the outage may last beyond catching up, with 10,000 sequences. */
const OUTAGE_AT_MOST_MS = 1_000;
/** Milliseconds from a `reject` to the first write on the primary, at most. */
const UNDO_AT_MOST_MS = 1_000;
const JUDGED_SIZE = 10_000;

/** The results as a page of the documentation. */
export function switchToMarkdown({ machine, runs, sizes }: SwitchResults): string {
  return [
    '# Measured: promotions',
    '',
    'Written by `npm run bench -- --switch` from [switch.json](switch.json). `promoteStandby` promotes one pair back and forth while a client inserts as fast as the primary takes it. All times are in milliseconds: the median, and the range.',
    '',
    `${machine.date}: ${machine.processor}, ${machine.cores} cores, ${machine.memoryGiB} GiB; ${machine.system}, Node.js ${machine.node}, PostgreSQL ${machine.postgres}, Temporal server ${machine.temporal} (in memory), ` +
      `both PostgreSQL servers, the client and the worker on this one machine. ${runs} promotions of each size, and as many that a \`reject\` undoes during the outage.`,
    '',
    table(
      [
        'sequences',
        'outage',
        'of this, catching up (`confirm`)',
        'the rest',
        'reading the sequences of both sides (`verify`)',
        'from a `reject` to the first write on the primary',
      ],
      sizes.map((one) => [
        label(one),
        range(one.outageMs),
        range(stepMs(one, 'confirm')),
        range(beyondCatchingUp(one)),
        range(stepMs(one, 'verify')),
        range(one.undoMs),
      ]),
    ),
    '',
    '“Outage” is the time from before the fence is raised until the standby is open, by Temporal’s clock. “Catching up” is the wait until the standby has confirmed the primary’s last write.',
    '',
    `Goals with ${number(JUDGED_SIZE)} sequences: at most ${OUTAGE_AT_MOST_MS} ms beyond catching up, and ${UNDO_AT_MOST_MS} ms for the undo.`,
    '',
    table(
      ['sequences', 'what', 'median', ''],
      sizes.filter(({ sequences }) => sequences === JUDGED_SIZE).flatMap(judge),
    ),
    '',
  ].join('\n');
}

function judge(series: SwitchSeries): string[][] {
  const goal = (what: string, values: readonly number[], most: number): string[][] => {
    if (values.length === 0) return [];
    const { median } = spread(values);
    return [[label(series), what, String(Math.round(median)), median <= most ? 'met' : '**missed**']];
  };
  return [
    ...goal('outage beyond catching up', beyondCatchingUp(series), OUTAGE_AT_MOST_MS),
    ...goal('undo', series.undoMs, UNDO_AT_MOST_MS),
  ];
}

function label({ sequences, shape }: SwitchSeries): string {
  return `${number(sequences)}${shape === 'tables' ? ' with a table each' : ''}`;
}

function stepMs({ steps }: SwitchSeries, step: 'confirm' | 'verify'): number[] {
  return steps.map((of) => of.find((one) => one.step === step)?.ms ?? 0);
}

function beyondCatchingUp(series: SwitchSeries): number[] {
  const waited = stepMs(series, 'confirm');
  return series.outageMs.map((outage, index) => outage - (waited[index] ?? 0));
}

function range(values: readonly number[]): string {
  if (values.length === 0) return '';
  const { min, median, max } = spread(values);
  return `${Math.round(median)} (${min} to ${max})`;
}

function number(value: number): string {
  return value.toLocaleString('en');
}

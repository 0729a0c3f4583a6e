import type { Contender } from './contender.js';
import { DURABLE, type DurableFacts, type Results, type Series } from './results.js';
import { ratios, spread } from './statistics.js';
import { judge } from './targets.js';

/** The results as a page of the documentation. */
export function toMarkdown(results: Results, contenders: readonly Contender[]): string {
  const { machine, settings, runs } = results;
  return [
    '# Measured: results',
    '',
    'Written by `npm run bench`; [README.md](README.md) says how it measures and what the figures mean.',
    '',
    `${machine.date}: ${machine.processor}, ${machine.cores} cores, ${machine.memoryGiB} GiB; ${machine.system}, Node.js ${machine.node}, ` +
      `PostgreSQL ${machine.postgres} (both servers), Temporal server ${machine.temporal} (in memory), all of them and the worker on this one machine. ` +
      `${runs} runs of each, by turns; ${Math.round(results.seconds)} s in all.`,
    '',
    `Server settings besides the defaults: ${Object.entries(settings)
      .map(([name, value]) => `\`${name} = ${value}\``)
      .join(', ')}.`,
    '',
    '![Seconds by the number of sequences](results.svg)',
    '',
    '## Targets',
    '',
    table(
      ['what', 'goal', 'measured: median (min to max)', ''],
      judge(results).map(({ what, goal, measured, met }) => [
        what,
        goal,
        measured,
        met ? 'met' : '**missed**',
      ]),
    ),
    ...groups(results).flatMap(({ title, series }) => ['', `## ${title}`, '', comparison(series)]),
    '',
    '## What each does',
    '',
    `- **${DURABLE}**: readiness, fetch, compute, apply, verify and record, from the client’s start call until \`status\` says that the gate is open.`,
    ...contenders.map(({ name, description }) => `- **${name}**: ${description}`),
    '',
    '## Where the durable run’s time goes',
    '',
    ...results.durable.flatMap(profile),
    '## Histories, memory and WAL',
    '',
    table(
      [
        'sequences',
        'workflows',
        'events, all',
        'longest',
        'MiB, all',
        'largest history',
        'largest payload',
        'worker’s peak memory',
        'WAL a sequence',
        'bare SQL’s',
        'approval to the end',
      ],
      results.durable.map((facts) => [
        `${number(facts.size)}${facts.shape === 'tables' ? ' with tables' : ''}, ${facts.line}`,
        number(facts.history.workflows),
        number(facts.history.events),
        number(facts.history.mostEvents),
        (facts.history.bytes / 2 ** 20).toFixed(2),
        `${(facts.history.mostBytes / 2 ** 20).toFixed(2)} MiB`,
        `${Math.round(facts.history.largestPayload / 1024)} KiB`,
        facts.peakMemory === null ? '' : `${Math.round(facts.peakMemory / 2 ** 20)} MiB`,
        `${Math.round(facts.walPerSequence)} B`,
        facts.walPerSequenceBare === null ? '' : `${Math.round(facts.walPerSequenceBare)} B`,
        range(facts.approvalToEnd),
      ]),
    ),
    '',
  ].join('\n');
}

function groups(results: Results): { title: string; series: Series[] }[] {
  const keys = new Map<string, Series[]>();
  for (const one of results.series) {
    const shape = one.shape === 'tables' ? ' with a table each' : '';
    const title = `${number(one.size)} sequences${shape}, ${one.line === 'loopback' ? 'on loopback' : 'over 20 ms of round trip'}`;
    keys.set(title, [...(keys.get(title) ?? []), one]);
  }
  return [...keys].map(([title, series]) => ({ title, series }));
}

function comparison(series: readonly Series[]): string {
  const durable = series.find(({ contender }) => contender === DURABLE)?.ms ?? [];
  const notes: string[] = [];
  const rows = series.map(({ contender, ms, sampleOf, notRun }) => {
    if (notRun !== null || ms.length === 0) return [contender, `not run: ${notRun ?? ''}`, '', '', ''];
    const { min, median, max } = spread(ms);
    if (sampleOf !== null)
      notes.push(`${contender}: extrapolated from ${number(sampleOf)} of ${number(series[0]?.size ?? 0)}.`);
    const against = contender === DURABLE ? '1' : factor(ratios(durable, ms));
    return [
      sampleOf === null ? contender : `${contender} (extrapolated)`,
      seconds(min),
      seconds(median),
      seconds(max),
      against,
    ];
  });
  const head = ['', 'min, s', 'median, s', 'max, s', `${DURABLE} ÷ this: median (min to max)`];
  return [table(head, rows), ...notes.map((note) => `\n${note}`)].join('\n');
}

function profile(facts: DurableFacts): string[] {
  const { size, shape, line, history, processorTime, startToGateByEvents } = facts;
  const processors = Object.entries(processorTime).map(([name, used]) => `${name} ${used.toFixed(2)} s`);
  return [
    `### ${number(size)} sequences${shape === 'tables' ? ' with tables' : ''}, ${line}`,
    '',
    `Start to gate by the events’ own times: ${range(startToGateByEvents)}. Processor time up to the gate: ${processors.join(', ')}.`,
    '',
    table(
      ['step', 'times', 'ms at work, added up', 'ms waited for a worker', 'ms from the first to the last'],
      history.steps.map(({ activity, count, total, waited, wall }) => [
        `\`${activity}\``,
        number(count),
        number(Math.round(total)),
        number(Math.round(waited)),
        number(Math.round(wall)),
      ]),
    ),
    '',
  ];
}

export function summary(results: Results): string {
  const lines = judge(results).map(
    ({ what, goal, measured, met }) => `${met ? 'met   ' : 'missed'}  ${what}: ${measured}, goal ${goal}`,
  );
  return lines.join('\n');
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, index) => (index === 0 ? '---' : '---:'))), ...rows.map(line)].join(
    '\n',
  );
}

function factor(values: readonly number[]): string {
  const { min, median, max } = spread(values);
  const digits = (value: number) => (value < 0.1 ? value.toFixed(4) : value.toFixed(2));
  return `${digits(median)} (${digits(min)} to ${digits(max)})`;
}

function range(ms: readonly number[]): string {
  if (ms.length === 0) return '';
  const { min, median, max } = spread(ms);
  return `${seconds(median)} s (${seconds(min)} to ${seconds(max)})`;
}

function seconds(ms: number): string {
  return ms < 10_000 ? (ms / 1000).toFixed(2) : (ms / 1000).toFixed(1);
}

function number(value: number): string {
  return value.toLocaleString('en');
}

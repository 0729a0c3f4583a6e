import { expect, it } from 'vitest';
import type { HistoryEvent } from '../../../src/record/history-json.js';
import { readRun, toBundle } from '../../../src/record/read-run.js';
import { toRecord } from '../../../src/record/run-record.js';
import { fromBundle, parseBundle, type WorkflowHistory } from '../../../src/record/source.js';

const payloads = (value: unknown) => ({
  payloads: [
    {
      metadata: { encoding: Buffer.from('json/plain').toString('base64') },
      data: Buffer.from(JSON.stringify(value)).toString('base64'),
    },
  ],
});

type Attributes = [type: string, attributes: object];

function history(
  workflowId: string,
  runId: string,
  started: object,
  ...events: Attributes[]
): WorkflowHistory {
  const all: Attributes[] = [
    ['workflowExecutionStarted', { workflowId, originalExecutionRunId: runId, ...started }],
    ...events,
  ];
  return {
    ...{ workflowId, runId },
    events: all.map(([type, attributes], index): HistoryEvent => ({
      ...{ eventId: String(index + 1), eventType: type, [`${type}EventAttributes`]: attributes },
    })),
  };
}

/** Rounds of a few rows each, as the step that records them has them. */
const recording = (
  round: number,
  ...rows: [sequence: string, target: string, outcome: string][]
): Attributes => [
  'activityTaskScheduled',
  {
    activityId: '1',
    activityType: { name: 'recordBuffer' },
    input: payloads({
      round,
      rows: {
        count: rows.length,
        same: { primaryNext: '1', standbyBefore: '1', buffer: '100', reason: null },
        columns: ['sequence', 'target', 'outcome'],
        rows,
        implied: { standbyNext: 'target' },
      },
    }),
  },
];

const pageStarted = (workflowId: string, runId: string): Attributes => [
  'childWorkflowExecutionStarted',
  { workflowType: { name: 'synchronizePage' }, workflowExecution: { workflowId, runId } },
];

const first = history(
  'failover-1',
  'run-1',
  {},
  pageStarted('failover-1/round-1/page-1', 'page-1'),
  pageStarted('failover-1/round-1/page-2', 'page-2'),
  ['workflowExecutionContinuedAsNew', { newExecutionRunId: 'run-2' }],
);
const second = history(
  'failover-1',
  'run-2',
  { continuedExecutionRunId: 'run-1' },
  recording(2, ['public.b', '201', 'applied']),
  ['workflowExecutionCompleted', { result: payloads({ outcome: 'handed-off' }) }],
);
const page = history(
  'failover-1/round-1/page-1',
  'page-1',
  {},
  recording(1, ['public.a', '101', 'applied'], ['public.b', '101', 'kept']),
);

it('is read from its first to its last run, with its pages, whichever run is asked for', async () => {
  const source = fromBundle({ histories: [page, second, first] });
  for (const runId of [undefined, 'run-1', 'run-2']) {
    const histories = await readRun(source, 'failover-1', runId);
    expect(histories.chain.map((one) => one.runId)).toEqual(['run-1', 'run-2']);
    expect(histories.pages.map((one) => one.runId)).toEqual(['page-1']);
    expect(histories.missing).toEqual([{ workflowId: 'failover-1/round-1/page-2', runId: 'page-2' }]);
    // Through a file, nothing is lost.
    const bundle = parseBundle(JSON.stringify(toBundle(histories, '2026-01-02T03:04:05.000Z')));
    const record = toRecord(await readRun(fromBundle(bundle), bundle.workflowId));
    expect(record).toEqual(toRecord(histories));
    expect(record.rows.map(({ sequence, target, standbyNext }) => [sequence, target, standbyNext])).toEqual([
      ['public.a', '101', '101'],
      ['public.b', '201', '201'],
    ]);
    expect(record.rounds.map(({ round, rows }) => [round, rows.length])).toEqual([
      [1, 2],
      [2, 1],
    ]);
    expect(record.status).toEqual({ outcome: 'handed-off' });
  }
});

it('cannot be read where there is none, or from a file that is no record', async () => {
  await expect(readRun(fromBundle({ histories: [] }), 'nowhere')).rejects.toThrow(
    'no history of the workflow nowhere',
  );
  expect(() => parseBundle('{}')).toThrow('neither a bundle nor a history');
  expect(() => parseBundle('{"format": "sequence-failover-record", "version": 2}')).toThrow('version 2');
});

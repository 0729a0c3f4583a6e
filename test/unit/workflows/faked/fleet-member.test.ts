import { beforeEach, describe, expect, it, vi } from 'vitest';
import { MEMO } from '../../../../src/contract/names.js';
import type { Finding } from '../../../../src/contract/status.js';
import {
  closingStatus,
  isFleetMember,
  reportToFleet,
  whetherToNotify,
} from '../../../../workflows/failover/fleet-member.js';
import { reset, temporal } from './fake-temporal.js';
import { block, NOW, runOf } from './run-example.js';

vi.mock('@temporalio/workflow', async (original) => ({
  ...(await original<object>()),
  ...(await import('./fake-temporal.js')).fakeTemporal,
}));

const [HOUR, DAY] = [3_600_000, 86_400_000];
/** The workflow has this parent, and its memo names this fleet. */
function startedBy(parent: string | undefined, fleet = parent): void {
  Object.assign(temporal.info, {
    parent: parent === undefined ? undefined : { workflowId: parent, runId: 'r', namespace: 'default' },
    memo: fleet === undefined ? {} : { [MEMO.fleet]: fleet },
  });
}

beforeEach(() => {
  reset();
  startedBy('fleet');
});

const approve = (run: ReturnType<typeof runOf>, more: object = {}) =>
  run.gate.approve({
    ...{ by: 'alice', at: new Date(NOW).toISOString(), reason: null, accept: [] },
    ...more,
  });
const reports = () => temporal.signals.map(({ args: [report] }) => report as object);

describe('a run tells its fleet', () => {
  it('of its gate, with the blocks alone, of which it describes a few', () => {
    const run = runOf({ approval: { required: 2 } });
    const names = Array.from({ length: 25 }, (_, at) => `public.s${String(at).padStart(2, '0')}`);
    const long = 'x'.repeat(2_000);
    run.setFindings('pages', [
      ...names.map((name): Finding => ({ ...block('NOT_AHEAD', name), message: long, remedy: long })),
      { ...block('CACHED', 'public.c'), severity: 'warn' } as Finding,
    ]);
    run.gate.open(run.blocks(), NOW, DAY);
    run.refuse({ at: '1', kind: 'approve', by: 'eve', reason: 'no' });
    run.refuse({ at: '2', kind: 'approve', by: 'bob', reason: 'no' });
    reportToFleet(run);
    const named = names.slice(0, 20).map((sequence) => ({ code: 'NOT_AHEAD', sequence }));
    expect(temporal.signals).toEqual([
      {
        ...{ workflowId: 'fleet', name: 'fleetMember' },
        args: [
          {
            ...{ pair: 'shop', gate: 'blocked', approvals: 0, blockedBy: named, blockedCount: 25 },
            counts: { total: 0, applied: 0, kept: 0, skipped: 0, failed: 0 },
            minimumHeadroom: null,
            blocks: named.slice(0, 5).map((one) => ({
              ...one,
              message: expect.stringMatching(/^x{190,}…$/u) as string,
              remedy: expect.stringMatching(/^x{390,}…$/u) as string,
            })),
            ...{ refused: { at: '2', kind: 'approve', by: 'bob', reason: 'no' }, refusedCount: 2 },
          },
        ],
      },
    ]);
  });

  it('of each change once, of none that is made while its gate is closed, and of none after the decision', () => {
    const run = runOf({ approval: { required: 2 } });
    reportToFleet(run);
    expect(reports()).toEqual([]);
    run.gate.open([], NOW, DAY);
    reportToFleet(run);
    reportToFleet(run);
    expect(reports()).toMatchObject([{ gate: 'open', approvals: 0 }]);
    approve(run);
    reportToFleet(run);
    expect(reports()).toMatchObject([{ approvals: 0 }, { approvals: 1, blocks: [], refused: null }]);
    // What follows from a resynchronization is told when the gate opens again, although it is open as before.
    run.gate.resynchronize('bob');
    reportToFleet(run);
    run.gate.close();
    reportToFleet(run);
    expect(reports()).toHaveLength(2);
    run.gate.open([], NOW, DAY);
    reportToFleet(run);
    expect(reports()).toHaveLength(3);
    approve(run);
    approve(run, { by: 'bob' });
    reportToFleet(run);
    expect(reports()).toHaveLength(3);
  });

  it('of its gate after a resynchronization, although the gate is as it was before', () => {
    const run = runOf();
    run.gate.open([], NOW, DAY);
    reportToFleet(run);
    run.gate.close();
    reportToFleet(run);
    run.gate.open([], NOW, DAY);
    reportToFleet(run);
    expect(reports()).toMatchObject([{ gate: 'open' }, { gate: 'open' }]);
  });

  it('until when an approved gate waits, and whether it notifies', () => {
    const run = runOf({ approval: { notBefore: new Date(NOW + HOUR).toISOString() } });
    run.useWorkerSettings({ notifies: true });
    run.gate.open([], NOW, DAY);
    approve(run);
    reportToFleet(run);
    expect(reports()).toMatchObject([{ heldUntil: new Date(NOW + HOUR).toISOString(), notifies: true }]);
    expect(whetherToNotify(run)).toEqual([{ notifies: true }]);
  });

  it.each([
    ['nothing has started it', undefined],
    ['another workflow has started it', 'deploy'],
  ])('nothing where %s', (_, parent) => {
    startedBy(parent, 'fleet');
    const run = runOf();
    run.useWorkerSettings({ notifies: true });
    run.gate.open([], NOW, DAY);
    reportToFleet(run);
    expect([isFleetMember(), temporal.signals, whetherToNotify(run)]).toEqual([false, [], []]);
  });
});

describe('the closing status', () => {
  const names = (count: number) => Array.from({ length: count }, (_, at) => `public.s${at}`);
  const long = 'x'.repeat(2_000);

  /** A run with more of everything than the fleet's history has room for. */
  function ofFleet() {
    const run = runOf({ approval: { from: names(8) }, include: ['public.*'] });
    run.setFindings(
      'pages',
      names(30).map((name): Finding => ({ ...block('DATA_NOT_CHECKED', name), message: long, remedy: long })),
    );
    run.gate.open(
      names(30).map((sequence) => ({ code: 'OUTLIER_DATA', sequence, count: 1 })),
      ...([NOW, DAY] as const),
    );
    const [ignoreRows, raisePastRows] = [names(30).slice(0, 10), names(30).slice(10, 20)];
    const accept = names(30).slice(20);
    const approval = { by: 's0', reason: long, accept, ignoreRows, raisePastRows };
    expect(approve(run, approval)).toEqual({ stands: true });
    for (let at = 0; at < 9; at += 1)
      run.refuse({ at: String(at), kind: 'approve', by: null, reason: 'y'.repeat(900) });
    run.end('completed', 'handed-off');
    return run.status();
  }

  it('has less of each list in a fleet, and says what was more', () => {
    const status = ofFleet();
    const { gate, findings, ...rest } = closingStatus(status);
    expect(rest).not.toHaveProperty('selection');
    expect(status).toHaveProperty('selection');
    expect(findings).toMatchObject([{ code: 'DATA_NOT_CHECKED', count: 30 }]);
    expect(findings[0]).not.toHaveProperty('subject');
    const bytes = (text: string | null | undefined) => Buffer.byteLength(text ?? '');
    expect(findings.every(({ message, remedy }) => bytes(message) <= 500 && bytes(remedy) <= 500)).toBe(true);
    expect(gate).toMatchObject({
      ...{ state: 'approved', required: 1, refusedCount: 9 },
      approvals: [
        {
          by: 's0',
          reason: expect.stringMatching(/^x{400,500}…$/u) as string,
          accept: names(30).slice(20, 25),
          ignoreRows: names(30).slice(0, 5),
          raisePastRows: names(30).slice(10, 15),
        },
      ],
      // The last decisions and refusals are the ones that somebody looks for.
      decidedRows: names(30)
        .slice(15, 20)
        .map((sequence) => ({ sequence, rows: 'raise' })),
      refused: ['4', '5', '6', '7', '8'].map((at) => ({ at })),
      blockedBy: names(20).map((sequence) => ({ sequence })),
      approvers: { from: names(5) },
    });
    for (const list of ['decidedRows', 'refused', 'blockedBy'] as const)
      expect(gate?.[list]).toHaveLength({ decidedRows: 5, refused: 5, blockedBy: 20 }[list]);
    expect(gate?.refused.every(({ reason }) => bytes(reason) <= 200)).toBe(true);
  });

  it('may have no gate', () => {
    const run = runOf({ mode: 'sync' });
    run.setFindings('pages', [block('NOT_AHEAD', 'public.a')]);
    expect(closingStatus(run.status())).toMatchObject({ gate: null, findings: [{ code: 'NOT_AHEAD' }] });
  });

  it('is whole outside of a fleet', () => {
    const status = ofFleet();
    startedBy(undefined);
    expect(closingStatus(status)).toBe(status);
  });
});

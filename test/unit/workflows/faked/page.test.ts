import { beforeEach, describe, expect, it, vi } from 'vitest';
import { packOutcomes } from '../../../../src/planning/rows/outcomes.js';
import { rowStateDigest } from '../../../../src/planning/rows/row-state.js';
import { sumOfDigests } from '../../../../src/steps/digest.js';
import type { ApplyInput } from '../../../../src/steps/page-steps.js';
import type { PlannedSequence, SequenceToSet } from '../../../../src/steps/rows.js';
import { packTable, unpackTable } from '../../../../src/steps/table.js';
import { Page } from '../../../../workflows/pages/page.js';
import type { PageTask } from '../../../../workflows/pages/page-task.js';
import { synchronizePage } from '../../../../workflows/pages/synchronize-page.js';
import { asWorkflow, reset, temporal } from './fake-temporal.js';
import { ready } from './promotion-example.js';

vi.mock('@temporalio/workflow', async (original) => ({
  ...(await original<object>()),
  ...(await import('./fake-temporal.js')).fakeTemporal,
}));

const AT = '2026-01-02T03:04:05.000Z';
const task: PageTask = {
  ...{ identity: ready.identity, mode: 'failover', primaryMaxConnections: 100, round: 1 },
  policy: { include: [], exclude: [], overrides: [], buffer: { calls: '100' } },
  ...{ range: { after: null, upTo: null }, individually: false },
  run: {
    ...{ workflowId: 'w', runId: 'r', mode: 'failover', requestedBy: null, ticket: null, startedAt: AT },
    ...{ buffer: { calls: '100' }, calls: '100' },
  },
};

const values = (oid: number) => ({
  ...{ sequence: `public.s${oid}`, oid, primaryOid: oid, increment: '1', buffer: '100' },
  ...{ primaryNext: '2', standbyBefore: '1', target: '102', standbyNext: '1', reason: null },
});
const toSet = (oid: number): SequenceToSet & { primaryOid: number } => ({
  ...{ ...values(oid), outcome: 'applied', called: true },
});
const setsUpTo = (count: number) => Array.from({ length: count }, (_, index) => toSet(index + 1));

/** The servers have these sequences, and these cannot be set: with the attempts of a batch, and alone. */
function servers(
  plans: PlannedSequence[],
  failing: { inBatch?: number[]; alone?: number[]; forGood?: number[] },
) {
  const { inBatch = [], alone = [], forGood = [] } = failing;
  const page = { rows: packTable(plans), findings: [] };
  const verified = ({ expectations }: { expectations: { count: number } }) => ({
    standbyNext: Array.from({ length: expectations.count }, () => '102'),
    ...{ behind: [], least: null, mostDrained: [], primaryReadAt: AT, verifiedAt: AT },
  });
  Object.assign(temporal.activities, {
    fetchPrimarySequences: () => ({ sequences: packTable([]), readAt: AT }),
    computeTargets: () => page,
    computeByEvidence: () => page,
    applyTargets: ({ settings, alone: name }: ApplyInput) => {
      const oids = unpackTable(settings).map(({ oid }) => oid);
      const failed = oids.filter((oid) => [...(name === null ? inBatch : alone), ...forGood].includes(oid));
      const why = (oid: number) => ({
        reason: 'it is locked',
        remedy: 'wait',
        retryable: !forGood.includes(oid),
      });
      return { failed: failed.map((oid) => ({ oid, ...why(oid) })), done: oids.length - failed.length };
    },
    verifyStandby: verified,
    verifyByEvidence: verified,
    recordBuffer: () => ({ recorded: plans.length, unavailable: null }),
  });
}

const scheduled = (wanted: string) => temporal.executions.filter(({ activity }) => activity === wanted);

async function worked(more: Partial<PageTask> = {}): Promise<Page> {
  const page = new Page({ ...task, ...more });
  await page.work();
  return page;
}

beforeEach(reset);

describe('a page with sequences that cannot be set', () => {
  it('fails the rows of those alone, says why, and does not take them for ahead', async () => {
    servers(setsUpTo(4), { inBatch: [2, 3], alone: [3], forGood: [4] });
    const page = await worked();
    const reason = (name: string) => `${name} could not be set on the standby: it is locked`;
    expect(page.rows.map(({ outcome, reason: why }) => [outcome, why])).toEqual([
      ['applied', null],
      ['applied', null],
      ['failed', reason('public.s3')],
      ['failed', reason('public.s4')],
    ]);
    expect(page.report()).toMatchObject({
      counts: { total: 4, applied: 2, failed: 2 },
      findings: [
        { code: 'SETVAL_FAILED', sequence: 'public.s3' },
        { code: 'SETVAL_FAILED', sequence: 'public.s4' },
      ],
    });
    expect(page.statements()).toHaveLength(2);
    // Verified are the others alone.
    expect(scheduled('verifyStandby')).toMatchObject([{ input: { expectations: { count: 2 } } }]);
    const behind = ['public.s3', 'public.s4'].map((name) => rowStateDigest(name, 'behind'));
    expect(page.recorded().map(({ standing }) => standing)).toEqual([undefined, undefined, ...behind]);
  });

  it('tries 100 of them alone and the rest together, and reports each that still fails', async () => {
    const all = Array.from({ length: 130 }, (_, index) => index + 1);
    servers(setsUpTo(130), { inBatch: all });
    const page = await worked();
    expect(scheduled('applyTargets').map(({ input }) => (input as ApplyInput).settings.count)).toEqual([
      ...[130, ...Array.from({ length: 100 }, () => 1), 30],
    ]);
    expect(page.report()).toMatchObject({
      counts: { applied: 100, failed: 30 },
      findings: Array.from({ length: 30 }, () => ({ code: 'SETVAL_FAILED' })),
    });
  });
});

it('a page fails what the verification finds behind, and records it as behind', async () => {
  servers(setsUpTo(2), {});
  temporal.activities['verifyStandby'] = () => ({
    ...{ standbyNext: ['102', '2'], behind: [[1, '0']], least: { position: 1, headroom: '0' } },
    ...{ mostDrained: [], primaryReadAt: AT, verifiedAt: AT },
  });
  const page = await worked();
  expect(page.rows.map(({ outcome }) => outcome)).toEqual(['applied', 'failed']);
  expect(page.recorded()[1]?.standing).toBe(rowStateDigest('public.s2', 'behind'));
  expect(page.report()).toMatchObject({
    findings: [{ code: 'NOT_AHEAD', sequence: 'public.s2' }],
    minimumHeadroom: { sequence: 'public.s2', calls: '0' },
    standings: sumOfDigests([rowStateDigest('public.s1', 'ahead'), rowStateDigest('public.s2', 'behind')]),
  });
});

describe('a page without the primary', () => {
  it.each([1, 2])('is verified against the evidence, also with %s sequences', async (count) => {
    servers(setsUpTo(count), {});
    const page = await worked({ primary: 'lost' });
    expect(scheduled('verifyByEvidence')).toMatchObject([{ input: { expectations: { count } } }]);
    expect(page.report().verifiedAt).toBe(AT);
    expect(page.rows.map(({ standbyNext }) => standbyNext)).toEqual(setsUpTo(count).map(() => '102'));
  });

  it('has nothing to verify where nothing has a target', async () => {
    servers([], {});
    expect((await worked({ primary: 'lost' })).report().verifiedAt).not.toBeNull();
    expect(scheduled('verifyByEvidence')).toEqual([]);
  });
});

describe('a page that is cancelled while it sets', () => {
  it('reads and records what was set by then', async () => {
    servers(setsUpTo(2), {});
    const page = new Page(task);
    const ended = asWorkflow((cancel) => {
      temporal.activities['applyTargets'] = () => {
        cancel();
        return { failed: [], done: 2 };
      };
      return page.work();
    });
    await expect(ended).rejects.toThrow(/cancelled/);
    expect(temporal.executions.slice(-2).map(({ activity }) => activity)).toEqual([
      ...['verifyStandby', 'recordBuffer'],
    ]);
    expect(page.isInterrupted).toBe(true);
  });

  it('says of a sequence that was not set by then that it is behind', async () => {
    servers(setsUpTo(2), {});
    const page = new Page(task);
    const ended = asWorkflow((cancel) => {
      temporal.activities['applyTargets'] = () => {
        cancel();
        return { failed: [], done: 1 };
      };
      temporal.activities['verifyStandby'] = () => ({
        ...{ standbyNext: ['102', '2'], behind: [[1, '0']], least: { position: 1, headroom: '0' } },
        ...{ mostDrained: [], primaryReadAt: AT, verifiedAt: AT },
      });
      return page.work();
    });
    await expect(ended).rejects.toThrow(/cancelled/);
    expect(page.rows.map(({ outcome, reason }) => [outcome, reason])).toEqual([
      ['applied', null],
      ['failed', 'behind its target when the run was cancelled'],
    ]);
  });

  it('has nothing more to read where a step fails without a cancellation', async () => {
    servers(setsUpTo(1), {});
    temporal.activities['verifyStandby'] = () => {
      throw new Error('the standby is gone');
    };
    const page = new Page(task);
    await expect(asWorkflow(() => page.work())).rejects.toThrow('the standby is gone');
    expect(scheduled('verifyStandby')).toHaveLength(1);
    expect(page.isInterrupted).toBe(false);
  });

  it('has nothing to record before it sets', async () => {
    servers(setsUpTo(2), {});
    const page = new Page(task);
    const ended = asWorkflow((cancel) => {
      temporal.activities['computeTargets'] = cancel;
      return page.work();
    });
    await expect(ended).rejects.toThrow(/cancelled/);
    expect(page.isInterrupted).toBe(false);
    expect(scheduled('recordBuffer')).toEqual([]);
  });
});

it('a page counts as set what an earlier round has set', async () => {
  servers([{ ...values(1), outcome: 'kept' }, toSet(2)], {});
  const earlier = packOutcomes([{ ...values(1), outcome: 'applied' }]);
  const report = await synchronizePage({ ...task, earlier: [earlier] });
  expect(report.counts).toMatchObject({ total: 2, applied: 2, kept: 0 });
  expect(report.outcomes).toBe(packOutcomes([toSet(1), toSet(2)]));
});

import type { ApplicationFailure } from '@temporalio/common';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { MEMO, TASK_QUEUE } from '../../../../src/contract/names.js';
import type { Status } from '../../../../src/contract/status.js';
import type { RecordedAnswer } from '../../../../src/steps/rows.js';
import { packTable, unpackTable } from '../../../../src/steps/table.js';
import { sequenceFailover } from '../../../../workflows/failover/sequence-failover.js';
import { asWorkflow, inputsOf, reset, temporal } from './fake-temporal.js';
import { ready } from './promotion-example.js';
import { AT, block, failedAs, quiet, topUpOf } from './run-example.js';

vi.mock('@temporalio/workflow', async (original) => ({
  ...(await original<object>()),
  ...(await import('./fake-temporal.js')).fakeTemporal,
}));

const plansOf = (...names: string[]) => names.map((name, at) => topUpOf(name, at + 1));

/** The servers have these sequences, and the standby is ahead once they are set. */
function servers(plans = plansOf('public.a', 'public.b')): void {
  const report = { ...ready, pages: [{ after: null, upTo: null }], total: plans.length };
  const page = { rows: packTable(plans), findings: [] };
  const verified = ({ expectations }: { expectations: { count: number } }) => ({
    standbyNext: Array.from({ length: expectations.count }, () => '102'),
    ...{ behind: [], least: { position: 0, headroom: '100' }, mostDrained: [] },
    ...{ primaryReadAt: AT, verifiedAt: AT },
  });
  Object.assign(temporal.activities, {
    checkReadiness: () => report,
    checkLostPrimary: () => report,
    checkHandoff: () => [],
    fetchPrimarySequences: () => ({ sequences: packTable([]), readAt: AT }),
    computeTargets: () => page,
    computeByEvidence: () => page,
    applyTargets: ({ settings }: { settings: { count: number } }) => ({ failed: [], done: settings.count }),
    verifyStandby: verified,
    verifyByEvidence: verified,
    recordBuffer: () => ({ recorded: plans.length, unavailable: null, digest: 'r' }),
    closeRecord: () => ({ digest: 'whole' }),
    awaitReplication: () => ({ lsn: '0/1', findings: [], subscriptions: ready.subscriptions }),
    recheckHeadroom: () => quiet(),
  });
}

const run = (input: object) => asWorkflow(() => sequenceFailover({ pair: 'shop', ...input }));
/** @returns the failure that ends the run */
const failureOf = (input: object) =>
  run(input).then(
    () => expect.unreachable('the run has completed'),
    (error: unknown) => error as ApplicationFailure & { details: [Status] },
  );
const steps = () => temporal.executions.map(({ activity }) => activity);
const holder = { workflowId: 'workflow', runId: 'first-run' };
const released = [{ workflowId: 'sequence-failover/lock/shop', name: 'release', args: [holder] }];

beforeEach(() => {
  reset();
  servers();
});

describe('a run in the mode plan', () => {
  it('ends with the statements, and touches neither the standby nor the lock', async () => {
    const result = await run({ mode: 'plan' });
    expect(result).toMatchObject({ outcome: 'planned', phase: 'done', ending: { state: 'completed' } });
    expect(result.statements).toHaveLength(2);
    expect(steps()).toEqual(['checkReadiness', 'fetchPrimarySequences', 'computeTargets']);
    expect(temporal.signals).toEqual([]);
  });

  it('answers queries, also after its end', async () => {
    const { statements, ...status } = await run({ mode: 'plan', ticket: 'OPS-1' });
    const ask = (query: string, ...args: unknown[]) => temporal.handlers[query]?.(...args);
    expect(ask('statements')).toEqual(statements);
    const { outcome, ...shown } = status;
    expect([ask('status'), outcome]).toEqual([shown, 'planned']);
    expect(ask('sequences', { limit: 1 })).toMatchObject({ rows: [{ sequence: 'public.a' }], pages: [] });
    expect(() => ask('sequences', { limit: 'many' })).toThrow(/limit/u);
    const { known, pages, lost } = ask('recorded') as RecordedAnswer;
    expect(unpackTable(known).map(({ sequence }) => sequence)).toEqual(['public.a', 'public.b']);
    expect([pages, lost]).toEqual([[], false]);
    expect(temporal.info.memo).toMatchObject({ pair: 'shop', ticket: 'OPS-1', buffer: '100' });
  });

  it('ends with a query for the statements if they are too long for a result', async () => {
    servers(plansOf(...Array.from({ length: 2_000 }, (_, at) => `public.${'s'.repeat(200)}${at}`)));
    const { statements = [] } = await run({ mode: 'plan' });
    expect(statements).toEqual([
      expect.stringContaining('RAISE EXCEPTION') as string,
      expect.stringContaining('query --type statements --workflow-id workflow ') as string,
    ]);
  });
});

describe('a run that only reads', () => {
  const found = [block('SLOT_LOST')];
  const isBehind = () => ({
    ...{ standbyNext: ['102', '2'], behind: [[1, '0']], least: { position: 1, headroom: '0' } },
    ...{ mostDrained: [], primaryReadAt: AT, verifiedAt: AT },
  });

  it.each([
    ['check', 'ready'],
    ['verify', 'verified'],
  ])('ends in the mode %s as %s', async (mode, outcome) => {
    expect(await run({ mode })).toMatchObject({ outcome, phase: 'done', gate: null });
    expect(steps()).not.toContain('applyTargets');
    expect(steps()).not.toContain('lockPair');
  });

  it.each([
    ['check', 'NotReady', { checkReadiness: () => ({ ...ready, findings: found }) }, 'SLOT_LOST'],
    ['verify', 'NotAhead', { verifyStandby: isBehind }, 'NOT_AHEAD'],
  ])('fails in the mode %s as %s', async (mode, type, activities, code) => {
    Object.assign(temporal.activities, activities);
    const failure = await failureOf({ mode });
    expect(failure).toMatchObject({
      ...{ type, nonRetryable: true, message: expect.stringContaining(code) as string },
      details: [{ pair: 'shop', phase: 'done', ending: { state: 'failed' } }],
    });
    const [{ findings, ending }] = failure.details;
    expect(findings.map((finding) => finding.code)).toEqual([code]);
    expect(ending?.message).toBe(`${type}: ${failure.message}`);
  });
});

describe('a run in the mode sync', () => {
  it('locks, sets, verifies, records, and releases its lock at the end', async () => {
    const result = await run({ mode: 'sync' });
    expect(result).toMatchObject({
      ...{ outcome: 'synchronized', counts: { total: 2, applied: 2 }, recordDigest: 'whole', round: 1 },
      minimumHeadroom: { sequence: 'public.a', calls: '100' },
      checklist: [{ done: true }, { done: true }, { done: true }],
    });
    expect(inputsOf('lockPair')).toEqual([{ pair: 'shop', holder, passing: true }]);
    expect(temporal.signals).toEqual(released);
    expect(inputsOf('closeRecord')).toMatchObject([
      {
        ...{ identity: ready.identity, ...holder, state: 'completed', outcome: 'synchronized' },
        ...{ approvals: [], previousDigests: ['r'], status: { phase: 'done', pair: 'shop' } },
      },
    ]);
  });

  it('has no digest without a ledger, where its own result has the status', async () => {
    temporal.activities['recordBuffer'] = () => ({ recorded: 0, unavailable: 'it is off' });
    temporal.activities['closeRecord'] = () => ({});
    const result = await run({ mode: 'sync' });
    expect(result).not.toHaveProperty('recordDigest');
    expect(result.checklist.map(({ item, done }) => [item, done])).toContainEqual([
      expect.stringMatching(/record/iu),
      false,
    ]);
    for (const key of ['status', 'previousDigests'])
      expect(inputsOf('closeRecord')[0]).not.toHaveProperty(key);
  });

  it('sets nothing before it has the lock', async () => {
    temporal.activities['lockPair'] = () => {
      throw failedAs('lockPair', 'NotReady');
    };
    expect(await failureOf({ mode: 'sync' })).toMatchObject({ type: 'NotReady' });
    expect(steps()).not.toContain('applyTargets');
    // Nothing is known of the pair by which the ledger could be found.
    expect(steps()).not.toContain('closeRecord');
    expect(temporal.signals).toEqual(released);
  });

  it('is skipped, before anything is read, if another run has the lock', async () => {
    temporal.activities['lockPair'] = () => {
      throw failedAs('lockPair', 'NotReady');
    };
    expect(await run({ mode: 'sync', ifLocked: 'skip' })).toMatchObject({
      outcome: 'skipped',
      primary: null,
    });
    expect(steps()).toEqual(['lockPair']);
    expect(inputsOf('lockPair')).toEqual([{ pair: 'shop', holder, passing: true }]);
  });

  it('is not skipped if nobody has the lock, or if nobody can tell', async () => {
    expect(await run({ mode: 'sync', ifLocked: 'skip' })).toMatchObject({ outcome: 'synchronized' });
    temporal.activities['lockPair'] = () => {
      throw failedAs('lockPair', 'Retryable');
    };
    expect(await failureOf({ mode: 'sync', ifLocked: 'skip' })).toMatchObject({ type: 'NotReady' });
  });

  it('records what a cancellation has left', async () => {
    const ended = asWorkflow((cancel) => {
      temporal.activities['computeTargets'] = cancel;
      return sequenceFailover({ pair: 'shop', mode: 'sync' });
    });
    await expect(ended).rejects.toThrow(/cancelled/u);
    expect(inputsOf('closeRecord')).toMatchObject([
      {
        ...{ state: 'cancelled', outcome: 'cancelled' },
        status: {
          ending: {
            state: 'cancelled',
            message:
              'cancelled in the phase synchronizing; nothing was handed off; sequences that were set stay set',
          },
        },
      },
    ]);
    expect(temporal.signals).toEqual(released);
  });
});

describe('a run that fails', () => {
  it('names what is wrong with its input', async () => {
    const failure = await failureOf({ mode: 'dry-run' });
    expect(failure).toMatchObject({ type: 'InvalidInput', details: [{ pair: null, mode: null }] });
    expect([temporal.executions, temporal.signals]).toEqual([[], []]);
  });

  it('has a documented type also after an error that nobody has foreseen', async () => {
    temporal.activities['checkReadiness'] = () => null;
    expect(await failureOf({ mode: 'plan' })).toMatchObject({
      ...{ type: 'Internal', nonRetryable: true },
      message: expect.stringMatching(
        /^the run ended with an unexpected error: .*; nothing was handed off/u,
      ) as string,
    });
  });

  it('says how to go on without a primary that cannot be reached', async () => {
    temporal.activities['checkReadiness'] = () => {
      throw failedAs('checkReadiness', 'PrimaryUnreachable');
    };
    const { message } = await failureOf({ mode: 'failover' });
    expect(message).toMatch(
      /if the primary is gone for good, start a run without it: .*workflow-lost.*"primary":"lost"/u,
    );
  });
});

describe('a run in the mode failover', () => {
  const approve = () => temporal.handlers['approve']?.({ by: 'alice' });

  it('hands off after an approval, with the lock that it took', async () => {
    temporal.whileWaiting.push(approve);
    const result = await run({ mode: 'failover' });
    expect(result).toMatchObject({ outcome: 'handed-off', gate: { approvals: [{ by: 'alice' }] } });
    expect(inputsOf('lockPair')).toEqual([
      { pair: 'shop', holder, ifPassing: 'wait' },
      { pair: 'shop', holder },
    ]);
    expect(inputsOf('closeRecord')).toMatchObject([{ outcome: 'handed-off', approvals: [{ by: 'alice' }] }]);
    expect(temporal.signals).toEqual(released);
  });

  it('sets the standby from evidence if the primary is lost, and cancels whoever waits for the primary', async () => {
    temporal.activities['findPrimary'] = () => [];
    temporal.activities['recheckStandby'] = () => quiet({ primaryReadAt: null });
    temporal.whileWaiting.push(approve);
    expect(await run({ mode: 'failover', primary: 'lost' })).toMatchObject({ outcome: 'handed-off' });
    expect(steps()).not.toContain('checkReadiness');
    expect(inputsOf('computeByEvidence')).toHaveLength(1);
    expect(inputsOf('lockPair')[0]).toEqual({ pair: 'shop', holder, ifPassing: 'cancel' });
    expect(inputsOf('awaitReplication')).toMatchObject([{ withoutPrimary: true }]);
    expect(inputsOf('checkLostPrimary')[0]).not.toHaveProperty('promotion');
  });

  it('checks what its promotion needs, and blocks what the promotion would', async () => {
    const subscribed = { ...block('NO_SUBSCRIPTION'), severity: 'warn' };
    const slow = { ...block('LONG_TRANSACTION'), severity: 'warn' };
    temporal.activities['checkReadiness'] = () => ({ ...ready, findings: [slow, subscribed] });
    temporal.whileWaiting.push(() => {
      const { gate } = temporal.handlers['status']?.() as Status;
      expect(gate).toMatchObject({ state: 'blocked', blockedBy: [{ code: 'NO_SUBSCRIPTION' }] });
      temporal.handlers['reject']?.({ by: 'bob', reason: 'no' });
    });
    const traffic = { workflowType: 'moveClients', taskQueue: 'network' };
    const input = { fence: { kind: 'read-only', except: ['monitoring'] }, traffic };
    const handoff = { workflowType: 'promoteStandby', taskQueue: TASK_QUEUE, workflowId: 'promote', input };
    expect(await failureOf({ mode: 'failover', handoff })).toMatchObject({ type: 'Rejected' });
    expect(inputsOf('checkReadiness')).toMatchObject([
      { fenceExcept: ['monitoring'], promotion: { fence: input.fence, failback: true } },
    ]);
    const ahead = [{ taskQueue: 'network', operators: ['traffic'] }];
    expect(inputsOf('checkHandoff')).toEqual([{ taskQueue: TASK_QUEUE, workflowId: 'promote', ahead }]);
    expect(temporal.whileWaiting).toEqual([]);
  });

  it('takes from its fleet what the promotion of the fleet needs', async () => {
    const promotion = { fence: { kind: 'read-only', except: ['etl'] }, failback: false };
    Object.assign(temporal.info, {
      parent: { workflowId: 'fleet', runId: 'r', namespace: 'default' },
      memo: {
        [MEMO.fleet]: 'fleet',
        [MEMO.promoted]: true,
        [MEMO.fenceExcept]: ['etl'],
        [MEMO.promotion]: promotion,
      },
    });
    temporal.whileWaiting.push(approve);
    await run({ mode: 'failover' });
    expect(inputsOf('checkReadiness')).toMatchObject([{ fenceExcept: ['etl'], promotion }]);
    expect(inputsOf('awaitReplication')).toMatchObject([{ leadsToPromotion: true }]);
    // One step for all sequences: nobody reads the history of one pair of a fleet sequence by sequence.
    expect(inputsOf('applyTargets')).toMatchObject([{ settings: { count: 2 } }]);
    expect(temporal.info.memo).toMatchObject({ [MEMO.fleet]: 'fleet', pair: 'shop' });
  });

  it('looks for the worker of the hook before its handoff', async () => {
    temporal.whileWaiting.push(approve);
    const hooks = { beforeHandoff: { workflowType: 'mayWeGo', taskQueue: 'operations' } };
    await run({ mode: 'failover', hooks });
    expect(inputsOf('checkHandoff')[0]).toEqual({ taskQueue: 'operations', hookTaskQueue: 'operations' });
    temporal.executions.length = 0;
    temporal.whileWaiting.push(approve);
    const handoff = { workflowType: 'movePgBouncer', taskQueue: 'network', workflowId: 'move' };
    await run({ mode: 'failover', hooks, handoff });
    expect(inputsOf('checkHandoff')[0]).toEqual({
      ...{ taskQueue: 'network', workflowId: 'move', hookTaskQueue: 'operations' },
    });
  });

  it('asks for nothing of a promotion where it leads to none', async () => {
    temporal.whileWaiting.push(approve);
    await run({ mode: 'failover' });
    const [readiness] = inputsOf('checkReadiness');
    for (const key of ['fenceExcept', 'promotion']) expect(readiness).not.toHaveProperty(key);
    expect(inputsOf('awaitReplication')[0]).not.toHaveProperty('leadsToPromotion');
    expect(inputsOf('applyTargets')).toMatchObject([{ settings: { count: 1 } }, { settings: { count: 1 } }]);
  });
});

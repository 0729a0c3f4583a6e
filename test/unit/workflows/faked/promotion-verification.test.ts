import { CancelledFailure } from '@temporalio/common';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { notAhead } from '../../../../src/planning/sequence/verification-findings.js';
import type { RecheckReport } from '../../../../src/steps/recheck-steps.js';
import { packTable } from '../../../../src/steps/table.js';
import {
  readBeforeTheFence,
  type Synchronized,
  verifyBehindTheFence,
} from '../../../../workflows/promotion/sequences.js';
import { lockPair, readOpening, synchronize } from '../../../../workflows/promotion/steps.js';
import { asWorkflow, inputsOf, reset, temporal } from './fake-temporal.js';
import { opening, promotionOf, ready } from './promotion-example.js';
import { AT, block, failedAs, inTurn, quiet, topUpOf } from './run-example.js';

vi.mock('@temporalio/workflow', async (original) => ({
  ...(await original<object>()),
  ...(await import('./fake-temporal.js')).fakeTemporal,
}));

beforeEach(() => {
  reset();
  temporal.activities['applyTargets'] = () => ({ failed: [], done: 1 });
});

const synchronized = (total = 1): Synchronized => ({
  ...{ total, watched: [] },
  policy: { include: [], exclude: [], overrides: [], buffer: { calls: '100' } },
});
/** So many sequences are behind, of which one is set by this pass. */
const behind = (count: number): RecheckReport =>
  quiet({ behind: count, topUps: [topUpOf('public.a', 1)], notAhead: [notAhead('public.a', 0n, 100n)] });

describe('the verification behind the fence', () => {
  const verified = (promotion = promotionOf()) =>
    asWorkflow(() => verifyBehindTheFence(promotion, synchronized()));
  const reads = (...reports: RecheckReport[]) => {
    temporal.activities['recheckHeadroom'] = inTurn(...reports);
  };
  const locked = quiet({ findings: [block('READ_FAILED', 'public.a')] });
  const counted = () => [
    inputsOf('recheckHeadroom').length,
    inputsOf('applyTargets').length,
    temporal.sleeps.length,
  ];

  it('reads once if every sequence is ahead', async () => {
    const report = quiet();
    reads(report);
    expect(await verified()).toEqual(report);
    expect(counted()).toEqual([1, 0, 0]);
    expect(inputsOf('recheckHeadroom')).toMatchObject([
      {
        identity: ready.identity,
        mode: 'sync',
        final: true,
        confirmed: true,
        fenced: { pages: ready.pages },
      },
    ]);
  });

  it('does not take the standby for complete if a subscription has not confirmed the fence, or has a finding', async () => {
    reads(quiet());
    const [other, lagging, none] = [promotionOf(), promotionOf(), promotionOf()];
    other.setFacts({ subscriptions: [{ name: 'another', slot: 's' }] });
    lagging.setFacts({ readiness: { ...ready, replication: [block('SUBSCRIPTION_DISABLED')] } });
    none.setFacts({ readiness: { ...ready, subscriptions: { present: [], toPrimary: [] } } });
    for (const promotion of [other, lagging, none]) await verified(promotion);
    expect(inputsOf('recheckHeadroom')).toMatchObject([
      { confirmed: false },
      { confirmed: false },
      { confirmed: false },
    ]);
  });

  it('waits for a sequence that somebody locks, but not for ever', async () => {
    reads(locked, locked, quiet());
    await verified();
    expect(counted()).toEqual([3, 0, 2]);
    reads(locked);
    await expect(verified()).rejects.toMatchObject({
      type: 'NotAhead',
      message: expect.stringContaining('READ_FAILED') as string,
    });
    expect(counted()).toEqual([3 + 6, 0, 2 + 5]);
  });

  it('does not wait for what stays', async () => {
    reads(quiet({ findings: [...locked.findings, block('MISSING_ON_STANDBY', 'public.b')] }));
    await expect(verified()).rejects.toMatchObject({ type: 'NotAhead' });
    reads(quiet({ replication: [block('SUBSCRIPTION_DISABLED')] }));
    await expect(verified()).rejects.toMatchObject({ type: 'NotAhead' });
    expect(counted()).toEqual([2, 0, 0]);
  });

  it('sets what has fallen behind, and reads all again', async () => {
    reads(behind(1), quiet());
    await verified();
    expect(counted()).toEqual([2, 1, 0]);
    expect(inputsOf('applyTargets')).toMatchObject([{ identity: ready.identity, settings: { count: 1 } }]);
  });

  it('goes on as long as each pass leaves fewer behind', async () => {
    reads(...[9, 8, 7, 6, 5, 4, 3, 2, 1].map(behind), quiet());
    await verified();
    expect(counted()).toEqual([10, 9, 0]);
  });

  it('gives up after three passes if none of them helps', async () => {
    reads(behind(5), behind(4), behind(5), behind(4));
    await expect(verified()).rejects.toMatchObject({
      ...{ type: 'NotAhead', message: expect.stringContaining('NOT_AHEAD') as string },
    });
    expect(counted()).toEqual([4, 3, 0]);
  });

  it('only warns in a rehearsal, which has no fence', async () => {
    reads(behind(5));
    const promotion = promotionOf({ rehearse: true });
    await verified(promotion);
    expect(counted()).toEqual([4, 3, 0]);
    expect(promotion.findings).toMatchObject([
      {
        severity: 'warn',
        code: 'NOT_AHEAD',
        message: expect.stringContaining('a rehearsal has no fence') as string,
      },
    ]);
  });
});

describe('the reading before the fence', () => {
  const read = (total: number) => asWorkflow(() => readBeforeTheFence(promotionOf(), synchronized(total)));

  it('is for many sequences, and is not repeated', async () => {
    temporal.activities['recheckHeadroom'] = () => quiet();
    await read(1);
    expect(inputsOf('recheckHeadroom')).toEqual([]);
    await read(100_000);
    expect(temporal.executions).toMatchObject([
      { activity: 'recheckHeadroom', options: { retry: { maximumAttempts: 1 } } },
    ]);
  });

  it('may fail, unless the promotion is cancelled', async () => {
    temporal.activities['recheckHeadroom'] = () => {
      throw failedAs('recheckHeadroom', 'Retryable');
    };
    await read(100_000);
    temporal.activities['recheckHeadroom'] = () => {
      throw new CancelledFailure('cancelled');
    };
    await expect(read(100_000)).rejects.toThrow('cancelled');
  });
});

describe('the lock of a pair that is promoted', () => {
  const held = () => {
    throw failedAs('lockPair', 'NotReady');
  };
  const parent = { workflowId: 'run', runId: 'r', namespace: 'default' };
  const lock = () => asWorkflow(() => lockPair(promotionOf()));

  it('is waited for if the run that hands off still has it', async () => {
    Object.assign(temporal.info, { parent });
    temporal.activities['lockPair'] = inTurn<unknown>(held, held, undefined);
    await lock();
    expect(temporal.sleeps).toEqual([200, 200]);
    expect(inputsOf('lockPair')[2]).toEqual({
      ...{ pair: 'shop', holder: { workflowId: 'workflow', runId: 'first-run' }, ifPassing: 'wait' },
    });
  });

  it('is not waited for if no run hands off, or if the step fails otherwise', async () => {
    temporal.activities['lockPair'] = held;
    await expect(lock()).rejects.toMatchObject({ cause: { type: 'NotReady' } });
    Object.assign(temporal.info, { parent });
    temporal.activities['lockPair'] = () => {
      throw failedAs('lockPair', 'Unworkable');
    };
    await expect(lock()).rejects.toMatchObject({ cause: { type: 'Unworkable' } });
    expect(temporal.sleeps).toEqual([]);
  });
});

describe('what blocks a promotion before its fence', () => {
  const notReady = (code: string) => ({ type: 'NotReady', message: expect.stringContaining(code) as string });

  it('is what opening the standby would meet', async () => {
    temporal.activities['readOpening'] = () => ({ ...opening, findings: [block('UNLOGGED')] });
    const promotion = promotionOf();
    await expect(asWorkflow(() => readOpening(promotion))).rejects.toMatchObject(notReady('UNLOGGED'));
    expect(promotion.findings).toMatchObject([{ code: 'UNLOGGED' }]);
    temporal.activities['readOpening'] = () => opening;
    expect(await asWorkflow(() => readOpening(promotionOf()))).toEqual(opening);
  });

  describe('of its sequences', () => {
    const plans = [topUpOf('public.a', 1)];
    const behindAfter = () => ({
      ...{ standbyNext: ['1'], behind: [[0, '0']], least: null, mostDrained: [] },
      ...{ primaryReadAt: AT, verifiedAt: AT },
    });
    const aheadAfter = () => ({ ...behindAfter(), standbyNext: ['102'], behind: [] });

    const prepared = (findings: unknown[] = []) => {
      Object.assign(temporal.activities, {
        fetchPrimarySequences: () => ({ sequences: packTable([]), readAt: AT }),
        computeTargets: () => ({ rows: packTable(plans), findings: [] }),
        verifyStandby: aheadAfter,
        recordBuffer: () => ({ recorded: 1, unavailable: null, digest: 'd' }),
        awaitReplication: () => ({ lsn: '0/1', findings }),
      });
      const promotion = promotionOf();
      promotion.setFacts({ readiness: { ...ready, pages: [{ after: null, upTo: null }] } });
      return { promotion, done: () => asWorkflow(() => synchronize(promotion)) };
    };

    it('is nothing if all are ahead, and the standby has all rows', async () => {
      const { promotion, done } = prepared();
      expect(await done()).toMatchObject({ total: 1, policy: { buffer: ready.buffer } });
      expect([promotion.findings, promotion.known.digests]).toEqual([[], ['d']]);
      expect(inputsOf('recordBuffer')).toMatchObject([{ round: 1, run: { mode: 'sync' } }]);
    });

    it('is one that stays behind beside another that blocks: no round more', async () => {
      const { promotion, done } = prepared();
      const missing = block('MISSING_ON_STANDBY', 'public.b');
      temporal.activities['computeTargets'] = () => ({ rows: packTable(plans), findings: [missing] });
      temporal.activities['verifyStandby'] = behindAfter;
      await expect(done()).rejects.toMatchObject(notReady('MISSING_ON_STANDBY'));
      expect(inputsOf('recordBuffer')).toHaveLength(1);
      expect(promotion.findings.map(({ code }) => code).sort()).toEqual(['MISSING_ON_STANDBY', 'NOT_AHEAD']);
    });

    it('is a standby that has not caught up', async () => {
      const { promotion, done } = prepared([block('NOT_CAUGHT_UP')]);
      await expect(done()).rejects.toMatchObject(notReady('NOT_CAUGHT_UP'));
      expect(promotion.findings).toMatchObject([{ code: 'NOT_CAUGHT_UP' }]);
    });

    it('is not one that a busy primary has overtaken: up to three rounds set it, and so does the check behind the fence', async () => {
      const { promotion, done } = prepared();
      temporal.activities['verifyStandby'] = inTurn(behindAfter, aheadAfter);
      await done();
      expect(inputsOf('recordBuffer')).toMatchObject([{ round: 1 }, { round: 2, previousDigests: ['d'] }]);
      temporal.activities['verifyStandby'] = behindAfter;
      await done();
      expect(inputsOf('recordBuffer')).toHaveLength(2 + 3);
      expect(promotion.findings).toEqual([]);
    });
  });
});

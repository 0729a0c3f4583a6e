import { beforeEach, describe, expect, it, vi } from 'vitest';
import { notAhead } from '../../../../src/planning/sequence/verification-findings.js';
import { mergeReadings } from '../../../../workflows/failover/merge-readings.js';
import { recheck } from '../../../../workflows/failover/recheck.js';
import { reset, temporal } from './fake-temporal.js';
import { ready } from './promotion-example.js';
import { approved, block, failedAs, inTurn, quiet, runOf, topUpOf } from './run-example.js';

vi.mock('@temporalio/workflow', async (original) => ({
  ...(await original<object>()),
  ...(await import('./fake-temporal.js')).fakeTemporal,
}));

beforeEach(() => {
  reset();
  temporal.activities['applyTargets'] = () => ({ failed: [], done: 1 });
  temporal.activities['recordBuffer'] = () => ({ recorded: 1, unavailable: null });
  temporal.activities['checkHandoff'] = () => [];
});

const inputs = (wanted: string) =>
  temporal.executions.filter(({ activity }) => activity === wanted).map(({ input }) => input as object);

const behind = (...names: string[]) =>
  quiet({
    ...{ behind: names.length, topUps: names.map((name, index) => topUpOf(name, index + 1)) },
    notAhead: names.map((name) => notAhead(name, 0n, 100n)),
  });

const codes = (run: ReturnType<typeof runOf>) => run.blocks().map(({ code, sequence }) => sequence ?? code);

describe('a recheck of both sides', () => {
  it('takes the standby for complete in its first reading alone: the primary writes on', async () => {
    temporal.activities['recheckHeadroom'] = inTurn(behind('public.a'), quiet());
    await recheck(runOf({}, approved), true);
    const readings = inputs('recheckHeadroom');
    expect(readings).toHaveLength(2);
    expect(readings[0]).toMatchObject({ confirmed: true });
    expect(readings[1]).not.toHaveProperty('confirmed');
  });

  it.each([
    ['one of the sequences that are behind was accepted', ['public.a'], 3],
    ['all of them were accepted', ['public.a', 'public.b'], 2],
  ])('tops up as long as it helps where %s', async (_, names, readings) => {
    const accepted = names.map((sequence) => ({ code: 'NOT_AHEAD', sequence, count: 1 }));
    temporal.activities['recheckHeadroom'] = inTurn(
      ...[behind('public.a', 'public.b'), behind('public.a', 'public.b'), quiet()],
    );
    const run = runOf({}, { ...approved, accepted });
    await recheck(run);
    expect(inputs('recheckHeadroom')).toHaveLength(readings);
    expect(inputs('applyTargets')).toHaveLength(2 * (readings - 1));
  });

  describe('says of a sequence that could not be topped up', () => {
    const because = (code: string) =>
      new RegExp(
        `^first do what ${code} says, because of which it was not topped up; if it stays behind`,
        'u',
      );
    const remedies = (run: ReturnType<typeof runOf>) =>
      run.findings().flatMap(({ code, remedy }) => (code === 'NOT_AHEAD' ? [remedy] : []));

    it.each(['StandbyUnreachable', 'PrimaryUnreachable'])('that the top-up failed: %s', async (type) => {
      temporal.activities['recheckHeadroom'] = inTurn(behind('public.a'), quiet());
      temporal.activities['applyTargets'] = () => {
        throw failedAs('applyTargets', type);
      };
      const run = runOf();
      await recheck(run);
      const code = type === 'StandbyUnreachable' ? 'STANDBY_UNREACHABLE' : 'PRIMARY_UNREACHABLE';
      expect(codes(run).sort()).toEqual([code, 'public.a'].sort());
      expect(remedies(run)).toEqual([expect.stringMatching(because(code))]);
      await recheck(run);
      expect(codes(run)).toEqual([]);
    });

    it('that it could not be set, and of others nothing of that', async () => {
      temporal.activities['recheckHeadroom'] = inTurn(behind('public.a', 'public.b'));
      const failed = [{ oid: 1, reason: 'locked', remedy: 'end the session', retryable: false }];
      temporal.activities['applyTargets'] = ({ alone }: { alone: string }) =>
        alone === 'public.a' ? { failed, done: 0 } : { failed: [], done: 1 };
      const run = runOf();
      await recheck(run);
      expect(remedies(run)).toEqual([
        expect.stringMatching(because('SETVAL_FAILED')),
        expect.not.stringContaining('topped up; if'),
      ]);
    });
  });

  it('keeps the block of a slot that has not confirmed, which it does not look at', async () => {
    temporal.activities['recheckHeadroom'] = inTurn(quiet());
    const run = runOf();
    run.setFindings('replication', [block('NOT_CAUGHT_UP'), block('SUBSCRIPTION_DISABLED')]);
    await recheck(run);
    expect(codes(run)).toEqual(['NOT_CAUGHT_UP']);
    await recheck(run);
    expect(codes(run)).toEqual(['NOT_CAUGHT_UP']);
  });

  it('compares the tables before the handoff, and as long as it finds missing rows', async () => {
    const tables = { published: 'p', received: 'r', publications: ['pub'] };
    temporal.activities['recheckHeadroom'] = inTurn(quiet());
    const runWith = (gate: typeof approved) => {
      const run = runOf({}, gate);
      run.ready({ ...ready, tables });
      return run;
    };
    const isCompared = async (run: ReturnType<typeof runOf>) => {
      temporal.executions.length = 0;
      await recheck(run);
      return inputs('recheckHeadroom').map((input) => 'tables' in input);
    };
    const waiting = runWith({});
    expect(await isCompared(waiting)).toEqual([false]);
    expect(await isCompared(runWith(approved))).toEqual([true]);
    waiting.setFindings('replication', [block('NOT_PUBLISHED')]);
    expect(await isCompared(waiting)).toEqual([true]);
    expect(await isCompared(waiting)).toEqual([false]);
  });

  it('takes back what the round said of missing rows once the tables were read anew', async () => {
    const tables = { published: 'p', received: 'r', publications: ['pub'] };
    const run = runOf();
    run.ready({ ...ready, tables });
    const warned = { ...block('NOT_SUBSCRIBED'), severity: 'warn' } as ReturnType<typeof block>;
    run.setFindings('readiness', [warned, block('TABLES_NOT_READY')]);
    const known = () => run.findingsOf('readiness').map(({ code }) => code);
    // The digests are the same as at the check: nothing has changed.
    temporal.activities['recheckHeadroom'] = inTurn(quiet());
    await recheck(run);
    expect(inputs('recheckHeadroom').map((input) => 'tables' in input)).toEqual([true]);
    expect(known()).toEqual(['TABLES_NOT_READY', 'NOT_SUBSCRIBED']);
    // They differ, and no row is missing any more.
    temporal.activities['recheckHeadroom'] = inTurn(quiet({ tables: [] }));
    await recheck(run);
    expect(known()).toEqual(['TABLES_NOT_READY']);
  });
});

it('counts what it has topped up, not what is left for later rechecks without the primary', async () => {
  const of = (count: number, left: number) => {
    const names = Array.from({ length: count }, (_, at) => `public.s${at}`);
    return quiet({ ...behind(...names), behind: count + left, primaryReadAt: null });
  };
  temporal.activities['recheckHeadroom'] = inTurn(of(3, 4), of(3, 1), of(1, 0), quiet());
  const run = runOf();
  const counted = vi.spyOn(run, 'toppedUp');
  await recheck(run);
  expect(counted.mock.calls).toEqual([[3], [3], [1]]);
  counted.mockRestore();
});

describe('a recheck that cannot read a side', () => {
  const accepted = [{ code: 'PRIMARY_UNREACHABLE', sequence: null, count: 1 }];
  const reads = (type: string) => {
    temporal.activities['recheckHeadroom'] = () => {
      throw failedAs('recheckHeadroom', type);
    };
    temporal.activities['recheckStandby'] = () => quiet({ primaryReadAt: null });
  };

  it('reads the standby alone if the primary is lost and somebody has accepted that', async () => {
    reads('PrimaryUnreachable');
    const run = runOf({}, { ...approved, accepted });
    await recheck(run);
    expect(inputs('recheckStandby')).toHaveLength(1);
    expect(codes(run)).toEqual(['PRIMARY_UNREACHABLE']);
  });

  it.each([
    ['StandbyUnreachable', 'STANDBY_UNREACHABLE', accepted],
    ['Retryable', 'LOOK_FAILED', accepted],
    ['PrimaryUnreachable', 'PRIMARY_UNREACHABLE', []],
  ])('only says so if it is %s', async (type, code, whatIsAccepted) => {
    reads(type);
    const run = runOf({}, { ...approved, accepted: whatIsAccepted });
    await recheck(run);
    expect(inputs('recheckStandby')).toEqual([]);
    expect(codes(run)).toEqual([code]);
  });
});

it('the readings of a recheck replace those parts that it has', () => {
  const part = (digest: string, data: string | null) => ({ digest, data });
  const known = { parts: [part('1', 'a'), part('2', 'b'), part('3', 'c')] };
  const told = { parts: [part('1', null), part('4', 'd'), part('5', null), part('6', 'e')] };
  expect(mergeReadings(known, told).parts.map(({ data }) => data)).toEqual(['a', 'd', 'c', 'e']);
  expect(mergeReadings(known, told).parts.map(({ digest }) => digest)).toEqual(['1', '4', '5', '6']);
  expect(mergeReadings(undefined, told).parts.map(({ data }) => data)).toEqual([null, 'd', null, 'e']);
});

it('a subscription that is gone is missed', async () => {
  temporal.activities['recheckHeadroom'] = inTurn(
    ...[quiet({ subscriptions: { present: [], toPrimary: [] } }), quiet()],
  );
  const run = runOf();
  await recheck(run);
  expect(codes(run)).toEqual(['SUBSCRIPTION_GONE']);
  await recheck(run);
  expect(codes(run)).toEqual([]);
});

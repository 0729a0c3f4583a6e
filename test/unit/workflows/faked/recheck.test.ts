import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Finding } from '../../../../src/contract/status.js';
import { rowStateDigest } from '../../../../src/planning/rows/row-state.js';
import { notAhead } from '../../../../src/planning/sequence/verification-findings.js';
import { upgradeTable } from '../../../../src/steps/implied.js';
import type { ApplyInput, RecordRequest } from '../../../../src/steps/page-steps.js';
import type { RecheckReport } from '../../../../src/steps/recheck-steps.js';
import type { ChangedRow } from '../../../../src/steps/rows.js';
import { packTable, unpackTable } from '../../../../src/steps/table.js';
import { mergeReadings } from '../../../../workflows/failover/merge-readings.js';
import { recheck } from '../../../../workflows/failover/recheck.js';
import { inputsOf, reset, temporal } from './fake-temporal.js';
import { ready } from './promotion-example.js';
import { approved, AT, block, failedAs, inTurn, quiet, runOf, topUpOf } from './run-example.js';

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
    const readings = inputsOf('recheckHeadroom');
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
    expect(inputsOf('recheckHeadroom')).toHaveLength(readings);
    expect(inputsOf('applyTargets')).toHaveLength(2 * (readings - 1));
  });

  describe('says of a sequence that could not be topped up', () => {
    const because = (code: string) =>
      new RegExp(
        `^do what ${code} says first, since that kept it from being topped up; if it stays behind`,
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
      return inputsOf('recheckHeadroom').map((input) => 'tables' in input);
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
    expect(inputsOf('recheckHeadroom').map((input) => 'tables' in input)).toEqual([true]);
    expect(known()).toEqual(['TABLES_NOT_READY', 'NOT_SUBSCRIBED']);
    // They differ, and no row is missing any more.
    temporal.activities['recheckHeadroom'] = inTurn(quiet({ tables: [] }));
    await recheck(run);
    expect(known()).toEqual(['TABLES_NOT_READY']);
  });
});

describe('what stops a recheck that tops up', () => {
  const handoff = { workflowType: 'promote', taskQueue: 'operations', workflowId: 'move' };
  const two = () => behind('public.a', 'public.b');
  const one = () => behind('public.a');

  it('is a check of the handoff that fails: nothing is read', async () => {
    temporal.activities['checkHandoff'] = () => {
      throw failedAs('checkHandoff', 'Retryable');
    };
    const run = runOf({ handoff });
    await recheck(run);
    expect(codes(run)).toEqual(['LOOK_FAILED']);
    expect(inputsOf('recheckHeadroom')).toEqual([]);
  });

  it('is a decision that comes meanwhile', async () => {
    const run = runOf();
    temporal.activities['recheckHeadroom'] = () => {
      run.gate.reject('bob', 'no');
      return two();
    };
    await recheck(run);
    expect(inputsOf('recheckHeadroom')).toHaveLength(1);
    expect(inputsOf('applyTargets')).toEqual([]);
    expect(codes(run)).toEqual(['public.a', 'public.b']);
  });

  it('is a history that has grown long, after the first top-up', async () => {
    temporal.info.continueAsNewSuggested = true;
    temporal.activities['recheckHeadroom'] = inTurn(two, one);
    const run = runOf();
    await recheck(run);
    expect([inputsOf('recheckHeadroom').length, inputsOf('recordBuffer').length]).toEqual([2, 1]);
    expect(codes(run)).toEqual(['public.a']);
  });

  it('is a top-up that fails', async () => {
    temporal.activities['recheckHeadroom'] = inTurn(two, () => quiet());
    temporal.activities['applyTargets'] = () => {
      throw failedAs('applyTargets', 'StandbyUnreachable');
    };
    const run = runOf();
    await recheck(run);
    expect(inputsOf('recheckHeadroom')).toHaveLength(1);
    expect(codes(run)).toEqual(['public.a', 'public.b', 'STANDBY_UNREACHABLE']);
  });

  it('is no progress in three attempts', async () => {
    temporal.activities['recheckHeadroom'] = two;
    const run = runOf();
    await recheck(run);
    expect([inputsOf('recheckHeadroom').length, inputsOf('recordBuffer').length]).toEqual([4, 3]);
    expect(codes(run)).toEqual(['public.a', 'public.b']);
  });
});

describe('more sequences behind than one recheck tops up', () => {
  const many = (primaryReadAt: string | null) => quiet({ ...behind('public.a'), behind: 501, primaryReadAt });
  const empty = { count: 0, same: {}, columns: [], rows: [] };

  beforeEach(() => {
    temporal.activities['checkReadiness'] = () => ({ ...ready, pages: [{ after: null, upTo: null }] });
    temporal.activities['fetchPrimarySequences'] = () => ({ sequences: empty, readAt: AT });
    temporal.activities['computeTargets'] = () => ({ rows: empty, findings: [] });
  });

  it('are set by a new round', async () => {
    temporal.activities['recheckHeadroom'] = inTurn(many(AT), quiet());
    const run = runOf();
    const counted = vi.spyOn(run, 'toppedUp');
    await recheck(run);
    expect(inputsOf('computeTargets')).toHaveLength(1);
    expect(inputsOf('applyTargets')).toEqual([]);
    expect(counted.mock.calls).toEqual([[501]]);
  });

  it('are topped up bit by bit without the primary', async () => {
    temporal.activities['recheckHeadroom'] = inTurn(many(null), quiet());
    await recheck(runOf());
    expect(inputsOf('computeTargets')).toEqual([]);
    expect(inputsOf('applyTargets')).toHaveLength(1);
  });
});

it('does not tell of the top-ups after the approval', async () => {
  temporal.activities['recheckHeadroom'] = inTurn(behind('public.a'), quiet());
  const run = runOf({}, approved);
  const counted = vi.spyOn(run, 'toppedUp');
  await recheck(run);
  expect(inputsOf('recordBuffer')).toHaveLength(1);
  expect(counted).not.toHaveBeenCalled();
});

describe('a top-up', () => {
  it('records what was set and what was not, and why', async () => {
    temporal.activities['applyTargets'] = ({ settings }: ApplyInput) => ({
      ...{ done: 0, failed: [] },
      ...(unpackTable(settings)[0]?.oid === 2 && {
        failed: [{ oid: 2, reason: 'it is locked', remedy: 'wait', retryable: false }],
      }),
    });
    temporal.activities['recheckHeadroom'] = inTurn(behind('public.a', 'public.b'), quiet());
    temporal.activities['recordBuffer'] = () => ({ recorded: 2, unavailable: 'it is full', digest: 'd' });
    const run = runOf();
    await recheck(run);
    const why = 'public.b could not be set on the standby: it is locked';
    const [record] = inputsOf('recordBuffer') as RecordRequest[];
    expect(record).toMatchObject({ identity: ready.identity, round: 1, primaryReadAt: AT });
    expect(record && unpackTable(upgradeTable(record.rows, 'row'))).toMatchObject([
      { sequence: 'public.a', outcome: 'applied', standbyNext: '102', reason: 'topped up while waiting' },
      { sequence: 'public.b', outcome: 'failed', standbyNext: '1', reason: why },
    ]);
    expect(run.recorded.rows).toMatchObject([
      { sequence: 'public.a', outcome: 'applied' },
      { sequence: 'public.b', outcome: 'failed', standing: rowStateDigest('public.b', 'behind') },
    ]);
    expect(run.recorded.rows[0]).not.toHaveProperty('standing');
    expect(run.recorded.chained).toEqual({ previousDigests: ['d'] });
    expect(run.memory.round).toBe(1);
    expect(run.findingsOf('ledger').map(({ message }) => message)).toEqual([
      expect.stringContaining('it is full'),
    ]);
  });

  it('leaves the findings of those alone that it could not set, until the next reading', async () => {
    temporal.activities['applyTargets'] = ({ settings }: ApplyInput) => ({
      ...{ done: 0, failed: [] },
      ...(unpackTable(settings)[0]?.oid === 2 && {
        failed: [{ oid: 2, reason: 'it is locked', remedy: 'wait', retryable: false }],
      }),
    });
    temporal.activities['recheckHeadroom'] = inTurn<unknown>(behind('public.a', 'public.b'), () => {
      throw failedAs('recheckHeadroom', 'StandbyUnreachable');
    });
    const run = runOf();
    await recheck(run);
    expect(run.findingsOf('top-up').map(({ code, sequence }) => [code, sequence])).toEqual([
      ['NOT_AHEAD', 'public.b'],
      ['SETVAL_FAILED', 'public.b'],
    ]);
  });

  it('keeps what the row says of its evidence', async () => {
    const evidence = { evidence: 'rows', evidenceAt: AT } as const;
    const run = runOf();
    run.recorded.change([{ ...topUpOf('public.a', 1), ...evidence, was: null }]);
    temporal.activities['recheckHeadroom'] = inTurn(behind('public.a'), quiet());
    await recheck(run);
    expect(run.recorded.rows).toMatchObject([{ sequence: 'public.a', outcome: 'applied', ...evidence }]);
  });

  it('takes the reason of its plan', async () => {
    const [top] = [topUpOf('public.a', 1)];
    temporal.activities['recheckHeadroom'] = inTurn(
      quiet({ ...behind('public.a'), topUps: [{ ...top, reason: 'by its rows' }] }),
      quiet(),
    );
    const run = runOf();
    await recheck(run);
    expect(run.recorded.rows).toMatchObject([{ reason: 'by its rows' }]);
  });
});

describe('changes that a recheck reports', () => {
  const change: ChangedRow = {
    ...{
      sequence: 'public.new',
      oid: 9,
      primaryNext: '2',
      standbyBefore: '1',
      target: null,
      standbyNext: null,
    },
    ...{ buffer: null, outcome: 'skipped', reason: 'created', was: null },
  };
  const changes = (more: Partial<NonNullable<RecheckReport['changes']>> = {}) => ({
    ...{ rows: packTable([change]), more: 0, unknown: null },
    ...more,
  });
  const recheckedWith = async (report: Partial<RecheckReport>) => {
    temporal.activities['recheckHeadroom'] = () => quiet({ standings: '5', ...report });
    const run = runOf();
    run.recorded.compared('4');
    await recheck(run);
    return run;
  };

  it('are recorded as a round of their own', async () => {
    const run = await recheckedWith({ changes: changes() });
    expect(inputsOf('recheckHeadroom')).toMatchObject([{ standings: '4' }]);
    expect(run.recorded.rows.map(({ sequence }) => sequence)).toEqual(['public.new']);
    expect([run.memory.round, run.memory.standings]).toEqual([1, '5']);
    expect(inputsOf('recordBuffer')).toMatchObject([{ round: 1, primaryReadAt: AT }]);
    expect(run.findingsOf('record')).toEqual([]);
  });

  it('are compared again if there are more of them', async () => {
    expect((await recheckedWith({ changes: changes({ more: 1 }) })).memory.standings).toBeNull();
  });

  it('are none where nothing has changed', async () => {
    const none = await recheckedWith({ changes: changes({ rows: packTable<ChangedRow>([]) }) });
    expect([none.memory.round, inputsOf('recordBuffer')]).toEqual([0, []]);
    expect((await recheckedWith({})).memory.round).toBe(0);
  });

  it('may not be known', async () => {
    const run = await recheckedWith({ changes: changes({ unknown: 'a page did not answer' }) });
    expect(run.findingsOf('record')).toMatchObject([
      { code: 'CHANGES_UNKNOWN', message: expect.stringContaining('a page did not answer') as string },
    ]);
  });
});

describe('a recheck of a run whose primary is lost', () => {
  const lost = () => runOf({ primary: 'lost' });
  const about = (code: Finding['code'], sequence = 'public.a') => block(code, sequence);

  it('reads the standby alone, with the readings that the run has', async () => {
    temporal.activities['findPrimary'] = () => [block('PRIMARY_BACK')];
    temporal.activities['recheckStandby'] = () =>
      quiet({ primaryReadAt: null, verifiedAt: '2026-01-02T04:00:00.000Z', findings: [about('UNLOGGED')] });
    const run = lost();
    const readings = {
      parts: [
        { digest: '1', data: 'a' },
        { digest: '2', data: null },
      ],
    };
    Object.assign(run.memory, { readings });
    run.setFindings('own-rows', [about('NOT_AHEAD')]);
    await recheck(run);
    expect(inputsOf('recheckHeadroom')).toEqual([]);
    expect(inputsOf('findPrimary')).toEqual([{ identity: ready.identity }]);
    expect(inputsOf('recheckStandby')).toMatchObject([
      { identity: ready.identity, final: false, readings: ['a'], compareRows: true },
    ]);
    expect(run.findingsOf('watch').map(({ code }) => code)).toEqual(['PRIMARY_BACK']);
    expect(run.findingsOf('standby').map(({ code }) => code)).toEqual(['UNLOGGED']);
    expect(run.findingsOf('own-rows')).toEqual([]);
    expect(run.memory.verifiedAt).toBe('2026-01-02T04:00:00.000Z');
  });

  it('judges again what the round found about rows, and keeps the rest', async () => {
    temporal.activities['findPrimary'] = () => [];
    temporal.activities['recheckStandby'] = () => quiet({ primaryReadAt: null });
    const run = lost();
    const again = ['OUTLIER_DATA', 'EXHAUSTED', 'NOT_AHEAD', 'SETVAL_FAILED', 'DATA_NOT_CHECKED'] as const;
    run.setFindings('pages', [...again.map((code) => about(code)), about('UNLOGGED')]);
    await recheck(run);
    expect(run.findingsOf('pages').map(({ code }) => code)).toEqual(['UNLOGGED']);
    expect(run.findingsOf('standby')).toEqual([]);
  });

  it('keeps the findings of the last recheck with the primary, unless the last reading decides', async () => {
    temporal.activities['findPrimary'] = () => [];
    const run = lost();
    const rechecked = async (byLastReading: boolean) => {
      temporal.activities['recheckStandby'] = () => quiet({ primaryReadAt: null, byLastReading });
      await recheck(run);
      return run.findingsOf('top-up').map(({ sequence }) => sequence);
    };
    run.setFindings('top-up', [about('NOT_AHEAD')]);
    expect(await rechecked(false)).toEqual(['public.a']);
    expect(await rechecked(true)).toEqual([]);
  });

  it('looks for changes as long as a sequence is said to be changing', async () => {
    temporal.activities['findPrimary'] = () => [];
    temporal.activities['recheckStandby'] = inTurn(
      quiet({ primaryReadAt: null, findings: [about('READ_FAILED')] }),
      quiet({ primaryReadAt: null }),
    );
    const run = lost();
    for (let count = 0; count < 3; count += 1) await recheck(run);
    expect(inputsOf('recheckStandby')).toMatchObject([{ final: false }, { final: true }, { final: false }]);
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
    run.setFindings('pages', [block('NOT_AHEAD', 'public.a')]);
    await recheck(run);
    expect(inputsOf('recheckStandby')).toHaveLength(1);
    // The primary is tried once, and the findings of the last round stay.
    expect(temporal.executions[0]?.options).toMatchObject({ retry: { maximumAttempts: 1 } });
    expect(codes(run)).toEqual(['public.a', 'PRIMARY_UNREACHABLE']);
  });

  it.each([
    ['StandbyUnreachable', 'STANDBY_UNREACHABLE', accepted],
    ['Retryable', 'LOOK_FAILED', accepted],
    ['PrimaryUnreachable', 'PRIMARY_UNREACHABLE', []],
  ])('only says so if it is %s', async (type, code, whatIsAccepted) => {
    reads(type);
    const run = runOf({}, { ...approved, accepted: whatIsAccepted });
    await recheck(run);
    expect(inputsOf('recheckStandby')).toEqual([]);
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
  expect(run.findingsOf('subscriptions')[0]?.remedy).toContain('old.internal');
  await recheck(run);
  expect(codes(run)).toEqual([]);
});

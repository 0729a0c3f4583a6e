import { TimeoutFailure, TimeoutType } from '@temporalio/common';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { makeFinding } from '../../../../src/findings/make-finding.js';
import type { PromotionStatus } from '../../../../src/contract/promotion.js';
import type { RunResult } from '../../../../src/contract/status.js';
import { finalFailure } from '../../../../src/steps/failures.js';
import type { ReadinessReport } from '../../../../src/steps/readiness.js';
import { promoteStandby } from '../../../../workflows/promotion/promote-standby.js';
import { asWorkflow, inputsOf, reset, temporal } from './fake-temporal.js';
import { failedBy, opening, primary, readOnly, ready, refused, standby } from './promotion-example.js';
import { block, inTurn, quiet } from './run-example.js';

vi.mock('@temporalio/workflow', async (original) => ({
  ...(await original<object>()),
  ...(await import('./fake-temporal.js')).fakeTemporal,
}));

const AT = '2026-01-02T03:04:05.000Z';
const input = { pair: 'shop', fence: { kind: 'read-only' }, outageBudget: '1 minute' };

beforeEach(() => {
  reset();
  // The timer of the outage budget never fires.
  temporal.timersFire = false;
  Object.assign(temporal.activities, {
    checkReadiness: () => ready,
    checkPromotion: () => ({ findings: [], subscriptions: [{ name: 's', slot: 's' }], tables: 1 }),
    readPrediction: () => null,
    awaitReplication: () => ({ lsn: '0/1', findings: [] }),
    readOpening: () => opening,
    makeStandbyReadOnly: () => ({ since: AT }),
    readFence: () => ({ readOnly, connect: null }),
    endWriters: () => ({ lsn: '0/2', fencedAt: AT }),
    confirmFence: () => ({ lsn: '0/3', confirmedLsn: '0/3' }),
    recheckHeadroom: () => quiet(),
    readOpened: () => true,
    recordFence: () => ({ recorded: 1, unavailable: null }),
    recordPromotion: () => ({ recorded: 1, unavailable: null }),
    closeRecord: () => ({ recorded: 1, unavailable: null }),
  });
});

const scheduled = () => temporal.executions.map(({ activity }) => activity);
const promote = (more: object = {}, whileItRuns: (cancel: () => void) => void = () => undefined) =>
  asWorkflow((cancel) => {
    whileItRuns(cancel);
    return promoteStandby({ ...input, ...more });
  });
function fails(cause: Error): () => boolean {
  return () => {
    throw failedBy('readOpened', cause);
  };
}
function timeout(last?: Error): Error {
  const failure = new TimeoutFailure('no answer', undefined, TimeoutType.SCHEDULE_TO_CLOSE);
  return Object.assign(failure, { cause: last });
}
const readyWith = (more: Partial<ReadinessReport>) => {
  temporal.activities['checkReadiness'] = () => ({ ...ready, ...more });
};

/** The steps that change something, and their undos. */
const CHANGING = [
  ...['prepareWayBack', 'removeWayBack', 'makeStandbyReadOnly', 'closeStandby', 'raiseFence', 'liftFence'],
  ...['openStandby', 'moveTraffic', 'enableWayBack', 'releaseForward'],
];
const changes = () => scheduled().filter((activity) => CHANGING.includes(activity));
const FORWARD = ['prepareWayBack', 'makeStandbyReadOnly', 'raiseFence', 'openStandby'];

describe('a promotion', () => {
  const traffic = { http: { url: 'https://proxy.internal/switch' } };

  it('goes through its steps in their order, and records its end', async () => {
    expect(await promote({ traffic })).toMatchObject({ outcome: 'promoted', phase: 'done' });
    expect(changes()).toEqual([...FORWARD, 'moveTraffic', 'enableWayBack', 'releaseForward']);
    expect(inputsOf('recordPromotion')).toMatchObject([{ state: 'promoted' }]);
  });

  it('is finished whoever cancels it after the switch', async () => {
    const result = await promote({ traffic }, (cancel) => {
      temporal.activities['moveTraffic'] = cancel;
    });
    expect(result).toMatchObject({ outcome: 'promoted', findings: [] });
    expect(changes().slice(-3)).toEqual(['moveTraffic', 'enableWayBack', 'releaseForward']);
  });

  it('is undone in reverse if a step fails before the switch', async () => {
    temporal.activities['recheckHeadroom'] = () => quiet({ replication: [block('SUBSCRIPTION_DISABLED')] });
    await expect(promote()).rejects.toMatchObject({
      type: 'NotAhead',
      message: expect.stringContaining('undone: fence, wayBack') as string,
    });
    expect(changes()).toEqual([
      ...['prepareWayBack', 'makeStandbyReadOnly', 'raiseFence'],
      ...['liftFence', 'closeStandby', 'removeWayBack', 'removeWayBack'],
    ]);
    expect(inputsOf('removeWayBack')).toMatchObject([{ side: 'standby' }, { side: 'primary' }]);
    // Behind the fence it is waited for.
    expect(scheduled()).not.toContain('awaitPrimary');
    expect(inputsOf('recordPromotion')).toMatchObject([{ state: 'undone' }]);
  });

  it.each(['recordPromotion', 'closeRecord'])(
    'says that the ledger no longer takes its end (%s)',
    async (activity) => {
      const said = [{ code: 'LEDGER_UNAVAILABLE', message: expect.stringContaining('denied') as string }];
      temporal.activities[activity] = () => ({ recorded: 0, unavailable: 'permission denied' });
      expect(await promote()).toMatchObject({ outcome: 'promoted', findings: said });
      temporal.activities[activity] = () => {
        throw refused(activity);
      };
      expect(await promote()).toMatchObject({ outcome: 'promoted', findings: said });
      expect(inputsOf('closeRecord')).toHaveLength(2);
    },
  );

  it('is unfinished in the record if something could not be undone', async () => {
    for (const activity of ['endWriters', 'liftFence'])
      temporal.activities[activity] = () => {
        throw refused(activity);
      };
    await expect(promote()).rejects.toMatchObject({ type: 'NotUndone' });
    expect(inputsOf('recordPromotion')).toMatchObject([{ state: 'unfinished' }]);
  });
});

describe('at the end, the new primary', () => {
  it.each([
    ['is open', (): boolean => true, null],
    ['has been closed', (): boolean => false, /but took no writes of applications at the end/u],
    ['has died', fails(finalFailure('StandbyUnreachable', 'refused')), /did not answer .*: refused$/u],
    [
      'has died during the last attempt',
      fails(timeout(finalFailure('StandbyUnreachable', 'refused'))),
      /: refused$/u,
    ],
  ] as const)('%s', async (_, readOpened, message) => {
    temporal.activities['readOpened'] = readOpened;
    const ended = promote({ traffic: { http: { url: 'https://proxy.internal/switch' } } });
    if (message === null) {
      expect(await ended).toMatchObject({ outcome: 'promoted', findings: [] });
      return;
    }
    await expect(ended).rejects.toMatchObject({
      type: 'Unfinished',
      message: expect.stringMatching(message) as string,
      details: [{ findings: [{ code: 'NEW_PRIMARY_NOT_OPEN' }] }],
    });
    expect(inputsOf('recordPromotion')).toMatchObject([{ state: 'unfinished' }]);
  });

  it.each([
    [true, ['s']],
    [false, ['sequence_failover_way_back', 's']],
  ])('is opened again without a subscription that is gone (failback: %j)', async (failback, disabled) => {
    const subscriptions = ['sequence_failover_way_back', 's'].map((name) => ({ name, slot: name }));
    temporal.activities['checkPromotion'] = () => ({ findings: [], subscriptions, tables: 1 });
    temporal.activities['readOpened'] = () => false;
    const failure = await promote({ failback }).catch((error: unknown) => error);
    const [{ findings } = { findings: [] }] = (failure as { details: PromotionStatus[] }).details;
    const { remedy = '' } = findings.find(({ code }) => code === 'NEW_PRIMARY_NOT_OPEN') ?? {};
    expect(remedy.match(/(?<=ALTER SUBSCRIPTION ")[^"]*/gu)).toEqual(disabled);
  });

  it('may be open although no worker has read it', async () => {
    temporal.activities['readOpened'] = fails(timeout());
    expect(await promote()).toMatchObject({
      outcome: 'promoted',
      findings: [
        { code: 'NEW_PRIMARY_NOT_OPEN', message: expect.stringContaining('could not be read') as string },
      ],
    });
  });

  it('is not said to take writes if no worker has read it, and the traffic could not be moved either', async () => {
    temporal.activities['readOpened'] = fails(timeout());
    temporal.activities['moveTraffic'] = fails(finalFailure('Unworkable', 'the proxy answered 500'));
    await expect(
      promote({ traffic: { http: { url: 'https://proxy.internal/switch' } } }),
    ).rejects.toMatchObject({
      type: 'Unfinished',
      message: expect.stringMatching(
        /^the standby was opened at [^;]*; whether it took writes .* could not be read: .*; .*the proxy answered 500/u,
      ) as string,
    });
  });

  it('is notified of as it was seen', async () => {
    readyWith({ notifies: true });
    const notified = async () => {
      temporal.executions.length = 0;
      await promote();
      return JSON.stringify(temporal.children.at(-1));
    };
    expect(await notified()).toContain('the standby is open and takes writes');
    temporal.activities['readOpened'] = fails(timeout());
    expect(await notified()).toContain('the standby was opened, but could not be read at the end');
  });
});

describe('the check of a promotion', () => {
  const record = (approved: Partial<RunResult>) => ({
    ...{ mode: 'failover', outcome: 'handed-off', checklist: [], pair: 'shop', primary, standby },
    ...{ buffer: { policy: { calls: '100' }, calls: '100' }, ticket: null, requestedBy: null, gate: null },
    ...approved,
  });

  it.each([
    ['another server', { systemIdentifier: '9' }],
    ['another database of that server', { database: 'other' }],
  ])('refuses %s than was approved, on each side', async (_, other) => {
    for (const [side, server] of Object.entries({ primary, standby })) {
      temporal.executions.length = 0;
      const run = record({ [side]: { ...server, ...other } });
      await expect(asWorkflow(() => promoteStandby(run, input))).rejects.toMatchObject({
        type: 'NotReady',
        message: expect.stringContaining(`the ${side} is not the one that was approved`) as string,
      });
      expect(changes()).toEqual([]);
    }
  });

  it('takes what was approved', async () => {
    expect(await asWorkflow(() => promoteStandby(record({}), input))).toMatchObject({ outcome: 'promoted' });
  });

  it('is stopped by tables that would be left behind, unless somebody has accepted that', async () => {
    const left = makeFinding('NOT_PUBLISHED', {
      ...{ sequence: null, count: 1, message: '1 table is not published', remedy: 'publish it' },
    });
    readyWith({ findings: [left] });
    await expect(promote()).rejects.toMatchObject({ type: 'NotReady' });
    expect(changes()).toEqual([]);
    expect(await promote({ accept: ['NOT_PUBLISHED'] })).toMatchObject({ outcome: 'promoted' });
  });
});

describe('behind the fence, a promotion', () => {
  it('looks once more after the workflow beforeSwitch, reads the sequences again, and looks a last time', async () => {
    temporal.startChild = () => ({
      ...{ firstExecutionRunId: 'r', signal: () => Promise.resolve() },
      result: () => {
        expect(inputsOf('confirmFence')).toHaveLength(1);
        return Promise.resolve({});
      },
    });
    temporal.activities['checkHandoff'] = () => [];
    await promote({ beforeSwitch: { workflowType: 'mayWeSwitch', taskQueue: 'operations' } });
    expect(inputsOf('confirmFence')).toMatchObject([{ lsn: '0/2' }, { lsn: null }, { lsn: null }]);
    const last = ['confirmFence', 'recheckHeadroom', 'openStandby'];
    const steps = scheduled().filter((activity) => last.includes(activity));
    expect(steps.slice(-4)).toEqual(['confirmFence', 'recheckHeadroom', 'confirmFence', 'openStandby']);
  });

  it('shows the step verify again while it looks once more', async () => {
    temporal.activities['checkHandoff'] = () => [];
    const stateOf = (status: unknown) =>
      (status as PromotionStatus).steps.find(({ step }) => step === 'verify')?.state;
    const states: unknown[] = [];
    temporal.activities['confirmFence'] = () => {
      states.push(stateOf(temporal.handlers['status']?.()));
      if (states.length === 3) throw refused('confirmFence');
      return { lsn: '0/3', confirmedLsn: '0/3' };
    };
    const { details } = (await promote({ beforeSwitch: { workflowType: 'w', taskQueue: 'q' } }).catch(
      (error: unknown) => error,
    )) as { details: unknown[] };
    expect(states).toEqual(['pending', 'running', 'running']);
    expect(stateOf(details[0])).toBe('failed');
  });

  it('waits for the standby also if tables have changed that somebody has accepted', async () => {
    const tables = { published: 'p', received: 'r', publications: ['pub'] };
    readyWith({ tables });
    const changed = { lsn: '0/3', confirmedLsn: null, findings: [block('NOT_PUBLISHED')] };
    temporal.activities['confirmFence'] = inTurn<object>(changed, { lsn: '0/3', confirmedLsn: '0/3' });
    const { certificate } = await promote({ accept: ['NOT_PUBLISHED'] });
    expect(certificate.confirmedLsn).toBe('0/3');
    const [first, second] = inputsOf('confirmFence');
    expect(first).toMatchObject({ tables, lsn: '0/2' });
    expect(second).not.toHaveProperty('tables');
    expect(second).toMatchObject({ lsn: '0/2' });
  });

  it.each([
    [['s'], [], true],
    [['s', 'other'], [], false],
    [
      ['s'],
      [makeFinding('NO_SUBSCRIPTION', { ...{ sequence: null, count: 1, message: 'm', remedy: 'r' } })],
      false,
    ],
  ])(
    'takes the rows of the standby for complete only if each subscription has confirmed: %j',
    async (present, replication, confirmed) => {
      readyWith({ subscriptions: { present, toPrimary: present }, replication });
      await promote({ accept: ['NO_SUBSCRIPTION'] });
      expect(inputsOf('recheckHeadroom')).toMatchObject([{ confirmed }]);
    },
  );
});

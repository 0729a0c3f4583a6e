import { ApplicationFailure, ChildWorkflowFailure, RetryState, TerminatedFailure } from '@temporalio/common';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { INTERNAL_SIGNALS } from '../../../../src/contract/names.js';
import { parsePromotionFleetInput } from '../../../../src/contract/promotion-fleet-input.js';
import { endOf } from '../../../../workflows/promotion-fleet/fleet-ending.js';
import { Orders } from '../../../../workflows/promotion-fleet/orders.js';
import { PromotionFleet } from '../../../../workflows/promotion-fleet/promotion-fleet.js';
import { runPromotion } from '../../../../workflows/promotion-fleet/run-promotion.js';
import { reset, temporal } from './fake-temporal.js';
import { primary, standby } from './promotion-example.js';

vi.mock('@temporalio/workflow', async (original) => ({
  ...(await original<object>()),
  ...(await import('./fake-temporal.js')).fakeTemporal,
}));

const NOW = Date.parse('2026-01-02T03:04:05.000Z');
const at = (ms: number) => new Date(NOW + ms).toISOString();

beforeEach(() => {
  reset();
  vi.useFakeTimers({ toFake: ['Date'], now: NOW });
  return () => vi.useRealTimers();
});

/** A fleet of the pairs `a`, `b` and `c`, which are being prepared. */
function preparing(): PromotionFleet {
  const pairs = ['a', 'b', 'c'];
  const parsed = parsePromotionFleetInput([{ pairs, fence: { kind: 'read-only' } }]);
  if (!parsed.ok) throw new Error(parsed.message);
  const fleet = new PromotionFleet(parsed.input);
  for (const [entry, pair] of pairs.entries()) fleet.pairs.add(pair, entry, null);
  fleet.prepare();
  while (fleet.pairs.next() !== null);
  return fleet;
}

/** All pairs are fenced and ready, and have to be open at these times from now. */
function ready(...leftMs: number[]): PromotionFleet {
  const fleet = preparing();
  for (const { pair } of fleet.members) fleet.report({ pair, state: 'prepared', primary, standby });
  fleet.beginOutage();
  for (const [index, { pair }] of fleet.members.entries()) {
    fleet.report({ pair, state: 'verified', deadline: at(leftMs[index] ?? 60_000) });
    fleet.report({ pair, state: 'ready' });
  }
  return fleet;
}

const cause = { type: 'StepFailed', message: 'it broke' } as const;

describe('the decision of a fleet of promotions', () => {
  it('is to switch while each pair has time left', () => {
    const fleet = ready(30_000, 1, 20_000);
    expect(fleet.deadline).toBe(NOW + 1);
    fleet.decide();
    expect(fleet.decision).toEqual({ order: 'switch', at: at(0), failure: null, reason: null });
    expect(fleet.status()).toMatchObject({ phase: 'switched', deadline: at(1) });
    expect(fleet.isUndone()).toBe(false);
  });

  it.each([
    ['has none left', [30_000, 0, 20_000]],
    ['is late', [30_000, 20_000, -1]],
  ])('is to undo all pairs if one of them %s', (_, left) => {
    const fleet = ready(...left);
    fleet.decide();
    expect(fleet.decision).toMatchObject({
      ...{ order: 'undo', failure: 'BudgetExceeded' },
      reason: expect.stringContaining('within the outage budget of') as string,
    });
    expect(fleet.status().phase).toBe('undoing');
  });

  it('is to undo if no pair has said when it has to be open', () => {
    const fleet = preparing();
    fleet.decide();
    expect(fleet.decision).toMatchObject({ order: 'undo', failure: 'BudgetExceeded' });
  });

  it('to switch stands, whatever comes later', () => {
    const fleet = ready();
    fleet.decide();
    const { decision } = fleet;
    fleet.stop({ type: 'Rejected', message: 'alice rejected it' });
    fleet.report({ pair: 'a', state: 'asks', ...cause });
    fleet.report({ pair: 'b', state: 'failed', ...cause });
    const [member] = fleet.members;
    if (member !== undefined) fleet.ended(member, { outcome: 'undone', cause, status: null });
    fleet.decide();
    expect(fleet.decision).toBe(decision);
    expect(fleet.status().phase).toBe('switched');
  });

  it('to undo stands, with its first reason', () => {
    const fleet = ready();
    fleet.report({ pair: 'b', state: 'asks', ...cause });
    fleet.stop({ type: 'Rejected', message: 'alice rejected it' });
    fleet.decide();
    expect(fleet.decision).toMatchObject({ order: 'undo', failure: 'StepFailed', reason: 'b: it broke' });
    expect(fleet.status().phase).toBe('undoing');
  });
});

describe('what the pairs of a fleet of promotions tell it', () => {
  it('stops it from the fence on', () => {
    const fleet = ready();
    fleet.report({ pair: 'c', state: 'failed', ...cause });
    expect(fleet.decision).toMatchObject({ order: 'undo', failure: 'StepFailed', reason: 'c: it broke' });
  });

  it('does not stop it before the fence: each reason is heard', () => {
    const fleet = preparing();
    fleet.report({ pair: 'c', state: 'failed', ...cause });
    fleet.report({ pair: 'a', state: 'prepared', primary, standby, notifies: true });
    expect(fleet.decision).toBeNull();
    expect(fleet.members.map(({ pair, cause: why }) => [pair, why])).toEqual([
      ['a', null],
      ['b', null],
      ['c', cause],
    ]);
    expect(fleet.notifies).toBe(true);
  });

  it('of a pair that cannot be opened only counts after the decision to switch', () => {
    const fleet = ready();
    fleet.report({ pair: 'a', state: 'unopened', ...cause });
    expect(fleet.findings).toEqual([]);
    fleet.decide();
    fleet.report({ pair: 'a', state: 'unopened', ...cause });
    const remedy: unknown = expect.stringContaining("SELECT pg_drop_replication_slot('<slot>');");
    expect(fleet.findings).toMatchObject([{ code: 'STANDBY_NOT_OPENED', remedy }]);
    for (const pair of ['b', 'c']) fleet.report({ pair, state: 'open' });
    expect([fleet.allAre('open'), fleet.allAre('done')]).toEqual([true, false]);
  });

  it('never takes it back to an earlier state, and is ignored where it makes no sense', () => {
    const fleet = ready();
    fleet.report({ pair: 'a', state: 'prepared', primary, standby });
    for (const told of [null, {}, { pair: 'z', state: 'open' }]) fleet.report(told as never);
    expect(fleet.members.map(({ state }) => state)).toEqual(['ready', 'ready', 'ready']);
  });
});

describe('the end of a fleet of promotions', () => {
  const ended = (outcome: 'undone' | 'not-undone' | 'unfinished' | 'terminated') => {
    const fleet = ready();
    fleet.decide();
    for (const member of fleet.members) {
      if (member.pair === 'b') fleet.ended(member, { outcome, cause, status: null });
      else
        fleet.ended(member, {
          outcome: 'promoted',
          status: { certificate: null, leftovers: [], findings: [] } as never,
        });
    }
    return fleet;
  };

  it.each(['undone', 'not-undone', 'unfinished', 'terminated'] as const)(
    'is a failure if one of its pairs is %s',
    (outcome) => {
      expect(() => endOf(ended(outcome))).toThrow(
        expect.objectContaining({
          type: 'Unfinished',
          message: expect.stringContaining('b: StepFailed: it broke') as string,
        }) as Error,
      );
    },
  );

  it('is NotUndone if the promotion of a pair was terminated before the decision: its primary may stay fenced', async () => {
    const fleet = ready();
    const [a, b, c] = fleet.members;
    if (a === undefined || b === undefined || c === undefined) throw new Error('the fleet has three pairs');
    const { handle } = child();
    temporal.startChild = () => ({
      ...(handle as object as ReturnType<typeof temporal.startChild>),
      result: () =>
        Promise.reject(
          new ChildWorkflowFailure(
            undefined,
            { workflowId: 'workflow/b', runId: 'r' },
            'promoteStandby',
            RetryState.NON_RETRYABLE_FAILURE,
            new TerminatedFailure('Terminated'),
          ),
        ),
    });
    await runPromotion(fleet, new Orders(), b);
    for (const member of [a, c])
      fleet.ended(member, {
        outcome: 'undone',
        cause: { type: 'FleetStopped', message: 'undone: fence' },
        status: null,
      });
    expect(() => endOf(fleet)).toThrow(
      expect.objectContaining({
        type: 'NotUndone',
        message:
          'b: StepFailed: its promotion was ended from outside, and nothing of it was undone: Terminated; what is left to undo or to finish, with its statements: sequence-failover status workflow/b; undone: a, c; terminated and not undone: b',
      }) as Error,
    );
  });

  it('completes with the finding of a pair that could not be read at the end', () => {
    const fleet = ready();
    fleet.decide();
    const doubt = { code: 'NEW_PRIMARY_NOT_OPEN', severity: 'warn', message: 'it could not be read' };
    for (const member of fleet.members)
      fleet.ended(member, {
        outcome: 'promoted',
        status: { certificate: null, leftovers: [], findings: member.pair === 'b' ? [doubt] : [] } as never,
      });
    expect(fleet.status().findings).toEqual([{ ...doubt, message: 'b: it could not be read' }]);
  });

  it('says of a pair that was opened and does not answer only that', () => {
    const fleet = ready();
    fleet.decide();
    const status = (...codes: string[]) =>
      ({ certificate: null, leftovers: [], findings: codes.map((code) => ({ code })) }) as never;
    for (const member of fleet.members)
      fleet.ended(
        member,
        member.pair === 'b'
          ? { outcome: 'unfinished', cause, status: status('NEW_PRIMARY_NOT_OPEN') }
          : { outcome: 'promoted', status: status() },
      );
    expect(() => endOf(fleet)).toThrow(
      expect.objectContaining({
        type: 'Unfinished',
        message:
          'open and taking writes: a, c; opened, but not seen to take writes at the end: b; b: StepFailed: it broke',
      }) as Error,
    );
  });
});

/** What a promotion was told. */
const child = () => {
  const told: [string, ...unknown[]][] = [];
  const signal = (name: string, ...args: unknown[]) => {
    told.push([name, ...args]);
    return Promise.reject(new Error('it has ended'));
  };
  return { told, handle: { signal } as unknown as Parameters<Orders['add']>[0] };
};

describe('the orders of a fleet of promotions', () => {
  const undo = { type: 'Rejected', message: 'alice rejected it' } as const;

  it('reach all that have started', () => {
    const orders = new Orders();
    const [one, other] = [child(), child()];
    for (const { handle } of [one, other]) orders.add(handle);
    orders.give('fence');
    orders.giveUndo(undo);
    const expected = [[INTERNAL_SIGNALS.fleetFence], [INTERNAL_SIGNALS.fleetUndo, undo]];
    expect([one.told, other.told]).toEqual([expected, expected]);
  });

  it('to undo reaches one that starts later, at once', () => {
    const orders = new Orders();
    orders.giveUndo(undo);
    const late = child();
    orders.add(late.handle);
    expect(late.told).toEqual([[INTERNAL_SIGNALS.fleetUndo, undo]]);
  });

  it('of other kinds are not repeated', () => {
    const orders = new Orders();
    orders.give('fence');
    const late = child();
    orders.add(late.handle);
    expect(late.told).toEqual([]);
  });
});

describe('the promotion of a pair', () => {
  const failed = (type: string) =>
    new ChildWorkflowFailure(
      undefined,
      { workflowId: 'workflow/a', runId: 'r' },
      'promoteStandby',
      RetryState.NON_RETRYABLE_FAILURE,
      ApplicationFailure.nonRetryable('it broke', type),
    );

  it.each([
    ['StepFailed', 'undone'],
    ['Unfinished', 'unfinished'],
    ['NotUndone', 'not-undone'],
  ])('that failed as %s is shown as %s', async (type, outcome) => {
    const fleet = preparing();
    const { handle } = child();
    temporal.startChild = () => ({
      ...(handle as object as ReturnType<typeof temporal.startChild>),
      result: () => Promise.reject(failed(type)),
    });
    const [member] = fleet.members;
    if (member !== undefined) await runPromotion(fleet, new Orders(), member);
    expect(fleet.members[0]).toMatchObject({ outcome, failure: type, message: 'it broke' });
  });

  it('undoes its steps if the fleet is terminated', async () => {
    const fleet = preparing();
    const [member] = fleet.members;
    if (member !== undefined) await runPromotion(fleet, new Orders(), member);
    expect(temporal.children).toMatchObject([
      { workflowId: 'workflow/a', parentClosePolicy: 'REQUEST_CANCEL', args: [{ pair: 'a' }] },
    ]);
  });
});

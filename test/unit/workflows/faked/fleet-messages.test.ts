import { beforeEach, describe, expect, it, vi } from 'vitest';
import { parseFleetInput } from '../../../../src/contract/fleet.js';
import type { MemberReport } from '../../../../src/contract/fleet-status.js';
import { Fleet } from '../../../../workflows/fleet/fleet.js';
import { listenToFleet } from '../../../../workflows/fleet/fleet-messages.js';
import { FleetNotifications } from '../../../../workflows/fleet/fleet-notifications.js';
import { Outbox } from '../../../../workflows/fleet/fleet-outbox.js';
import type { Forward } from '../../../../workflows/fleet/member.js';
import { ANY_SIGNAL, ANY_UPDATE, reset, temporal } from './fake-temporal.js';
import { AT } from './run-example.js';

vi.mock('@temporalio/workflow', async (original) => ({
  ...(await original<object>()),
  ...(await import('./fake-temporal.js')).fakeTemporal,
}));

beforeEach(reset);

const reportOf = (pair: string, more: Partial<MemberReport> = {}): MemberReport => ({
  ...{ pair, gate: 'open', counts: { total: 1, applied: 1, kept: 0, skipped: 0, failed: 0 } },
  ...{ minimumHeadroom: null, approvals: 0, blockedBy: [], blockedCount: 0, refused: null, refusedCount: 0 },
  ...more,
});

/** A fleet of these pairs, which wait at their gates. */
function fleetAtGate(pairs: string[], waiting = pairs) {
  const parsed = parseFleetInput([{ pairs }]);
  if (!parsed.ok) throw new Error(parsed.message);
  const fleet = new Fleet(parsed.input, 'fleet', AT);
  pairs.forEach((pair, index) => {
    fleet.add(pair, index);
  });
  fleet.enter('preparing');
  const sent: Forward[] = [];
  const outbox = new Outbox((forward) => {
    sent.push(forward);
    return Promise.resolve();
  });
  listenToFleet(fleet, outbox, new FleetNotifications(fleet));
  for (const pair of waiting) {
    fleet.next();
    temporal.handlers['fleetMember']?.(reportOf(pair));
  }
  const decide = (message: object) => temporal.handlers['decide']?.(message);
  const signal = (name: string, message: unknown) => temporal.handlers[name]?.(message);
  const refusals = () =>
    (fleet.status().gate?.refused ?? []).map(({ kind, by, reason }) => [kind, by, reason]);
  const seen = () => sent.map(({ pair, kind, argument }) => [pair, kind, argument]);
  return { fleet, decide, signal, refusals, seen };
}

const refusedAs = (type: string, message: RegExp) =>
  expect.objectContaining({ type, message: expect.stringMatching(message) as string }) as Error;

describe('a decision of a fleet', () => {
  it.each(['approve', 'resynchronize', 'reject'])('as the signal %s goes to each pair', (kind) => {
    const { signal, seen } = fleetAtGate(['a', 'b']);
    const said = { by: 'alice', ...(kind === 'reject' ? { reason: 'no' } : {}) };
    signal(kind, said);
    expect(seen()).toEqual([
      ['a', kind, said],
      ['b', kind, said],
    ]);
  });

  it('as an update is answered with what it has reached', () => {
    const { decide, seen } = fleetAtGate(['a', 'b']);
    expect(decide({ decision: 'approve', by: 'alice', pairs: ['a'] })).toEqual({
      ...{ state: 'open', addressed: 1, refused: [], refusedCount: 0 },
    });
    expect(seen()).toEqual([['a', 'approve', { by: 'alice' }]]);
  });

  it('is partly refused if it may be', () => {
    const { decide } = fleetAtGate(['a', 'b'], ['a']);
    expect(decide({ decision: 'approve', by: 'alice', partial: true })).toEqual({
      ...{ state: 'closed', addressed: 1, refusedCount: 1 },
      refused: [{ pair: 'b', reason: expect.stringContaining('not at') as string }],
    });
  });

  it('that has no effect is refused, with its sender and the reason', () => {
    const { decide, signal, refusals, seen } = fleetAtGate(['a']);
    signal('approve', { by: 'alice', pairs: ['z'] });
    signal('approve', { by: 'alice', accept: 1 });
    expect(() => decide({ decision: 'approve', by: 'bob', pairs: ['z'] })).toThrow(
      refusedAs('Refused', /the fleet has no pair "z"/u),
    );
    temporal.handlers[ANY_SIGNAL]?.('approved', { by: 'alice' });
    expect(() => temporal.handlers[ANY_UPDATE]?.('approve', { by: 'alice' })).toThrow(
      refusedAs('InvalidInput', /^approve: unknown update; a fleet takes decide$/u),
    );
    expect(refusals()).toEqual([
      ['approve', 'alice', expect.stringContaining('the fleet has no pair "z"')],
      ['approve', 'alice', expect.stringContaining('accept')],
      ['decide', 'bob', expect.stringContaining('the fleet has no pair "z"')],
      ['approved', null, 'unknown signal; a fleet takes approve, reject and resynchronize'],
      ['approve', null, 'unknown update; a fleet takes decide'],
    ]);
    expect(seen()).toEqual([]);
  });

  it('that every gate would refuse is not read', () => {
    const { fleet, signal, refusals } = fleetAtGate(['a']);
    fleet.enter('done');
    signal('approve', { by: 'alice', accept: 1 });
    expect(refusals()).toEqual([['approve', 'alice', 'the fleet is finished already']]);
  });

  it('is validated as an update before it is recorded', () => {
    const { refusals } = fleetAtGate(['a']);
    const validate = temporal.validators['decide'];
    expect(() => validate?.({ by: 'alice' })).toThrow(refusedAs('InvalidInput', /decision/u));
    expect(validate?.({ decision: 'approve', by: 'alice' })).toBeUndefined();
    expect(refusals()).toEqual([]);
  });
});

describe('a rejection of pairs that were approved just before', () => {
  const approvedAndRejected = (pairs: string[]) => {
    const all = fleetAtGate(pairs);
    all.decide({ decision: 'approve', by: 'alice' });
    return {
      ...all,
      answer: all.decide({ decision: 'reject', by: 'bob', reason: 'no' }) as Promise<unknown>,
    };
  };
  const handedOff = {
    ...{ outcome: 'handed-off' as const, counts: reportOf('').counts, minimumHeadroom: null, approvals: 1 },
  } as const;

  it('is answered when each pair has ended or refused it', async () => {
    const { fleet, answer } = approvedAndRejected(['a', 'b', 'c']);
    temporal.whileWaiting.push(() => undefined);
    fleet.ended('a', { outcome: 'rejected', failure: 'Rejected', message: 'bob rejected it' }, AT);
    fleet.ended('b', handedOff, AT);
    const refused = { at: AT, kind: 'reject', by: 'bob', reason: 'it is being handed off' };
    temporal.handlers['fleetMember']?.(reportOf('c', { refused, refusedCount: 1 }));
    expect(await answer).toEqual({
      ...{ state: 'open', addressed: 1, refusedCount: 2 },
      refused: [
        { pair: 'b', reason: expect.stringContaining('the rejection came too late') as string },
        { pair: 'c', reason: expect.stringContaining('it is being handed off') as string },
      ],
    });
  });

  it('is refused if it came too late for all of them', async () => {
    const pairs = Array.from({ length: 12 }, (_, at) => `p${at}`);
    const { fleet, answer } = approvedAndRejected(pairs);
    for (const pair of pairs) fleet.ended(pair, handedOff, AT);
    const ended = answer.then(
      () => expect.unreachable('it was not refused'),
      (error: unknown) => error as { type: string; message: string },
    );
    const { type, message } = await ended;
    expect(type).toBe('Refused');
    expect(message.match(/came too late/gu)).toHaveLength(10);
    expect(message).toMatch(/p9.*; and 2 more pairs$/u);
  });

  it('counts as received by a pair that has not answered in time', async () => {
    const { answer } = approvedAndRejected(['a']);
    expect(await answer).toEqual({
      state: expect.any(String) as string,
      addressed: 1,
      refused: [],
      refusedCount: 0,
    });
  });
});

describe('what a fleet answers and hears', () => {
  it('is its status and its pairs', () => {
    fleetAtGate(['a', 'b'], ['a']);
    expect(temporal.handlers['status']?.()).toMatchObject({ counts: { waiting: 1, queued: 1 } });
    expect(temporal.handlers['pairs']?.({ limit: 1 })).toMatchObject({ rows: [{ pair: 'a', gate: 'open' }] });
    expect(() => temporal.handlers['pairs']?.({ limit: 'many' })).toThrow(/limit/u);
  });

  it('is nothing of a pair that it does not have, or that nobody understands', () => {
    const { fleet, refusals } = fleetAtGate(['a']);
    const before = JSON.stringify(fleet.status());
    for (const told of [reportOf('z'), { pair: 'a' }, null, { ...reportOf('a'), gate: 'ajar' }])
      temporal.handlers['fleetMember']?.(told);
    expect(JSON.stringify(fleet.status())).toBe(before);
    expect(refusals()).toEqual([]);
  });

  it('is whether the worker of a pair notifies', () => {
    fleetAtGate(['a'], []);
    temporal.handlers['fleetMember']?.(reportOf('a', { notifies: true }));
    expect(temporal.executions).toMatchObject([{ activity: 'notify', input: { event: 'gate-opened' } }]);
  });
});

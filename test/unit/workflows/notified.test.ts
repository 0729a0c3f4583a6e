import { describe, expect, it } from 'vitest';
import { Notified, type NotifiedMemory } from '../../../workflows/failover/notified.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Times are milliseconds since the epoch. */
const NOW = 1_800_000_000_000;

const open = { state: 'open' as const, blockedBy: [] };
const blocked = (...codes: string[]) => ({
  state: 'blocked' as const,
  blockedBy: codes.map((code) => ({ code, sequence: null })),
});

function on(): { notified: Notified; memory: { notified?: NotifiedMemory } } {
  const memory: { notified?: NotifiedMemory } = {};
  const notified = new Notified(memory);
  notified.turnOn();
  return { notified, memory };
}

it('tells nothing where no worker has a receiver', () => {
  const memory: { notified?: NotifiedMemory } = {};
  const notified = new Notified(memory);
  notified.toppedUp(3);
  expect(notified.isOn).toBe(false);
  expect(notified.gateEvent(open, NOW)).toBeNull();
  expect(notified.topUps(NOW)).toBeNull();
  expect(notified.untilWarning(NOW, HOUR, NOW)).toBe(Infinity);
  expect(memory).toEqual({});
});

describe('of a gate', () => {
  it('each state is told once, and each set of blocks', () => {
    const { notified } = on();
    const told = [open, open, blocked('A'), blocked('A'), blocked('A', 'B')].map((gate) =>
      notified.gateEvent(gate, NOW),
    );
    expect(told).toEqual(['gate-opened', null, 'gate-blocked', null, 'gate-blocked']);
  });

  it('that flaps, later changes are told with pauses, and what stands at the end of a pause is told', () => {
    const { notified } = on();
    for (const gate of [open, blocked('A'), open]) expect(notified.gateEvent(gate, NOW)).not.toBeNull();
    expect(notified.gateEvent(blocked('A'), NOW + MINUTE)).toBeNull();
    expect(notified.gateEvent(open, NOW + 2 * MINUTE)).toBeNull();
    expect(notified.gateEvent(blocked('B'), NOW + 3 * MINUTE)).toBeNull();
    expect(notified.gateEvent(blocked('B'), NOW + 5 * MINUTE)).toBe('gate-blocked');
  });

  it('that was closed, or approved in vain, is told again, also within a pause', () => {
    const { notified } = on();
    for (const gate of [open, blocked('A'), open]) notified.gateEvent(gate, NOW);
    for (const state of ['closed', 'approved'] as const) {
      expect(notified.gateEvent({ state, blockedBy: [] }, NOW)).toBeNull();
      expect(notified.gateEvent(open, NOW)).toBe('gate-opened');
    }
  });
});

it('top-ups are added up between two notifications', () => {
  const { notified } = on();
  notified.toppedUp(2);
  expect(notified.topUps(NOW)).toBe(2);
  notified.toppedUp(3);
  notified.toppedUp(4);
  expect(notified.topUps(NOW + MINUTE)).toBeNull();
  expect(notified.topUps(NOW + 10 * MINUTE)).toBe(7);
  expect(notified.topUps(NOW + 20 * MINUTE)).toBeNull();
});

it.each([
  ['an hour before', 24 * HOUR, 23 * HOUR],
  ['a quarter of the timeout before, if that is shorter', HOUR, 45 * MINUTE],
])('the deadline is told %s', (_when, timeout, expected) => {
  const { notified } = on();
  expect(notified.untilWarning(null, timeout, NOW)).toBe(Infinity);
  expect(notified.untilWarning(NOW + timeout, timeout, NOW)).toBe(expected);
  expect(notified.untilWarning(NOW + timeout, timeout, NOW + timeout)).toBe(0);
  notified.warned();
  expect(notified.untilWarning(NOW + timeout, timeout, NOW + timeout)).toBe(Infinity);
});

it('what is under way is carried over a continue-as-new, the last five', () => {
  const { notified, memory } = on();
  const all = [1, 2, 3, 4, 5, 6].map((number) => ({ id: `run-${number}` }) as never);
  for (const one of all) notified.sends(one);
  notified.isOver(all[2] as never);
  const continued = new Notified(JSON.parse(JSON.stringify(memory)) as typeof memory);
  expect(continued.underWay.map(({ id }) => id)).toEqual(['run-2', 'run-4', 'run-5', 'run-6']);
});

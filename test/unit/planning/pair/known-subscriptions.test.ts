import { describe, expect, it } from 'vitest';
import {
  mergeSubscriptions,
  renamedSubscriptions,
} from '../../../../src/planning/pair/known-subscriptions.js';
import { subscriptionsReplaced } from '../../../../src/planning/pair/subscriptions-gone.js';

const detail = (name: string, slot: string | null) => ({ name, slot, publications: ['p'] });
const known = { names: ['a', 'b'], details: [detail('a', 'slot_a'), detail('b', null)] };

describe('the subscriptions that a run has seen', () => {
  it('are known by their slots under another name', () => {
    const seen = { present: ['c'], toPrimary: [], details: [detail('c', 'slot_a')] };
    const renamed = renamedSubscriptions(known, seen);
    expect([...renamed]).toEqual([['a', 'c']]);
    expect(mergeSubscriptions(known, seen, renamed)).toEqual({
      names: ['b', 'c'],
      details: [detail('b', null), { ...detail('c', 'slot_a'), firstSlot: 'slot_a' }],
    });
  });

  it.each([
    ['another slot', { present: ['c'], toPrimary: [], details: [detail('c', 'slot_c')] }],
    ['no slot', { present: ['c'], toPrimary: [], details: [detail('c', null)] }],
    ['slots that an older worker does not tell', { present: ['c'], toPrimary: ['c'] }],
    [
      'both names',
      { present: ['a', 'b'], toPrimary: [], details: [detail('a', 'slot_a'), detail('b', null)] },
    ],
  ])('are not taken for one with %s', (_, seen) => {
    expect([...renamedSubscriptions(known, seen)]).toEqual([]);
    expect(mergeSubscriptions(known, seen, new Map()).names).toEqual(
      [...new Set(['a', 'b', ...seen.toPrimary])].sort(),
    );
  });

  describe('whose slot was created again', () => {
    const reading = (transactions: string, more: object = {}) => ({
      ...{ present: ['a'], toPrimary: ['a'] },
      details: [{ ...detail('a', 'slot_a'), oid: '1', decoded: { transactions, since: '5 7' }, ...more }],
    });
    const after = (...readings: ReturnType<typeof reading>[]) =>
      readings.reduce((before, seen) => mergeSubscriptions(before, seen, new Map()), {
        names: [] as string[],
        details: [] as ReturnType<typeof mergeSubscriptions>['details'],
      });
    const isNew = (...readings: ReturnType<typeof reading>[]) => {
      const [found] = subscriptionsReplaced(after(...readings).details, readings.at(-1)?.details ?? []);
      return found?.message ?? null;
    };

    it('are known by the transactions that were decoded for it, from then on', () => {
      const message = expect.stringMatching(
        /^the subscription a on the standby .* since its slot slot_a was dropped there and created again while/u,
      ) as string;
      expect(isNew(reading('9'), reading('12'), reading('3'))).toEqual(message);
      expect(isNew(reading('12'), reading('3'), reading('40'), reading('41'))).toEqual(message);
      expect(isNew(reading('18446744073709551616'), reading('9007199254740993'))).toEqual(message);
    });

    it.each([
      ['more transactions', [reading('9'), reading('9'), reading('10')]],
      [
        'other statistics, as after a crash',
        [reading('9'), reading('3', { decoded: { transactions: '3', since: '5 8' } })],
      ],
      ['another subscription', [reading('9'), reading('3', { oid: '2' }), reading('1', { oid: '2' })]],
      ['another slot', [reading('9'), reading('3', { slot: 'slot_b', oid: '2' })]],
      ['no statistics', [reading('9'), reading('', { decoded: undefined }), reading('9')]],
    ])('are not taken for those with %s', (_, readings) => {
      expect(isNew(...readings)).toBeNull();
    });
  });
});

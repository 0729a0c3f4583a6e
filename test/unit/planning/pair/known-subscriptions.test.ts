import { describe, expect, it } from 'vitest';
import {
  mergeSubscriptions,
  renamedSubscriptions,
} from '../../../../src/planning/pair/known-subscriptions.js';

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
});

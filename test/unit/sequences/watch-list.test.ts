import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  runsOutFirst,
  watchedSince,
  WATCHED,
  watchList,
  type WatchedSequence,
} from '../../../src/sequences/watch-list.js';

const T0 = Date.parse('2026-01-02T03:04:05.000Z');
const at = (ms: number) => new Date(T0 + ms).toISOString();

const one = (changes: Partial<WatchedSequence> = {}): WatchedSequence => ({
  sequence: 'public.a',
  next: '100',
  at: at(0),
  headroom: '10000',
  buffer: '10000',
  rate: null,
  ...changes,
});

const running = (sequence: string, headroom: string, calls: string, elapsedMs = '1000') =>
  one({ sequence, headroom, rate: { calls, elapsedMs } });

describe('a sequence at a look', () => {
  const now = { ...one({ next: '1100', at: at(60_000), headroom: '9000' }), rate: null };

  it('has the rate since the look before', () => {
    expect(watchedSince(one(), now, 1n)).toEqual({ ...now, rate: { calls: '1000', elapsedMs: '60000' } });
    expect(watchedSince(one(), now, 10n).rate).toEqual({ calls: '100', elapsedMs: '60000' });
  });

  it('has none at its first look, and none after a restart', () => {
    expect(watchedSince(undefined, now, 1n)).toEqual(now);
    expect(
      watchedSince(one({ next: '5000', rate: { calls: '1', elapsedMs: '1' } }), now, 1n).rate,
    ).toBeNull();
  });

  it('keeps its baseline and its rate where the look before was a moment ago', () => {
    const before = one({ next: '1090', at: at(59_500), rate: { calls: '5', elapsedMs: '1000' } });
    expect(watchedSince(before, now, 1n)).toEqual({ ...before, headroom: '9000' });
  });

  it('is exact at the ends of bigint', () => {
    const before = one({ next: '-9223372036854775808' });
    expect(watchedSince(before, { ...now, next: '9223372036854775808' }, 1n).rate?.calls).toBe(
      '18446744073709551616',
    );
  });
});

describe('the sequence that runs out first', () => {
  it('is the one whose headroom lasts the shortest, not the one with the least headroom', () => {
    const slow = running('public.slow', '100', '1');
    const fast = running('public.fast', '10000', '1000');
    expect(runsOutFirst([slow, one({ sequence: 'public.still', headroom: '1' }), fast])).toEqual({
      sequence: 'public.fast',
      headroom: 10_000n,
      rate: { calls: 1000n, elapsedMs: 1000n },
    });
  });

  it('is unknown where nothing is consumed', () => {
    expect(runsOutFirst([one(), running('public.b', '5', '0')])).toBeNull();
    expect(runsOutFirst([])).toBeNull();
  });

  it('is the same in any order', () => {
    const any = fc.record({
      headroom: fc.bigInt(-10n, 10n),
      calls: fc.bigInt(0n, 5n),
      elapsedMs: fc.bigInt(1n, 5n),
    });
    fc.assert(
      fc.property(fc.array(any, { minLength: 1, maxLength: 8 }), (all) => {
        const list = all.map(({ headroom, calls, elapsedMs }, index) =>
          running(`public.s${String(index)}`, String(headroom), String(calls), String(elapsedMs)),
        );
        const first = runsOutFirst(list);
        expect(runsOutFirst([...list].reverse())).toEqual(first);
        if (first === null) {
          expect(all.every(({ calls }) => calls === 0n)).toBe(true);
          return;
        }
        for (const { headroom, calls, elapsedMs } of all) {
          if (calls === 0n) continue;
          expect(
            first.headroom * first.rate.elapsedMs * calls <= headroom * elapsedMs * first.rate.calls,
          ).toBe(true);
        }
      }),
    );
  });
});

describe('the watch list', () => {
  const still = Array.from({ length: 500 }, (_, index) => one({ sequence: `public.still_${String(index)}` }));

  it('takes in the few that lost headroom against their buffer, among many that did not', () => {
    const drained = [
      one({ sequence: 'public.busy', headroom: '90000', buffer: '100000' }),
      one({ sequence: 'public.busier', headroom: '600000', buffer: '1000000' }),
    ];
    const list = watchList([...still, ...drained]);
    expect(list).toHaveLength(WATCHED);
    expect(list.slice(0, 2).map(({ sequence }) => sequence)).toEqual(['public.busier', 'public.busy']);
  });

  it('keeps what is being consumed, also where its headroom is far above its buffer', () => {
    const list = watchList([...still, running('public.kept', '99999999', '5')]);
    expect(list[0]?.sequence).toBe('public.kept');
  });

  it('always has the one that runs out first, and each sequence once', () => {
    const all = Array.from({ length: 60 }, (_, index) =>
      running(`public.s${String(index)}`, '1000', String(index)),
    );
    const list = watchList([...still, ...all]);
    expect(new Set(list).size).toBe(WATCHED);
    expect(runsOutFirst(list)?.sequence).toBe('public.s59');
  });
});

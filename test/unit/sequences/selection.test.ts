import { describe, expect, it } from 'vitest';
import { runSynchronously } from '../../../src/concurrency/run-synchronously.js';
import { compileOverrides, compileSelection, unmatchedPatterns } from '../../../src/sequences/selection.js';

describe('a selection', () => {
  it('is everything without patterns', () => {
    expect(compileSelection({ include: [], exclude: [] })('public', 'a')).toEqual({ selected: true });
  });

  it('holds what any include pattern matches, unless an exclude pattern does', () => {
    const select = compileSelection({ include: ['public.*', 'audit.*'], exclude: ['*.tmp', 'audit.?'] });
    expect(select('public', 'orders')).toEqual({ selected: true });
    expect(select('audit', 'log')).toEqual({ selected: true });
    expect(select('sales', 'orders')).toEqual({ selected: false, reason: 'not included' });
    expect(select('audit', 'x')).toEqual({ selected: false, reason: 'excluded by audit.?' });
    expect(select('sales', 'tmp')).toEqual({ selected: false, reason: 'excluded by *.tmp' });
  });

  it('names the first of the patterns that exclude', () => {
    const select = compileSelection({ include: [], exclude: ['a.*', '*.b'] });
    expect(select('a', 'b')).toEqual({ selected: false, reason: 'excluded by a.*' });
  });

  it('matches raw names, as they are and not as they are quoted', () => {
    const select = compileSelection({ include: ['My Schema.Orders "id".seq'], exclude: [] });
    expect(select('My Schema', 'Orders "id".seq')).toEqual({ selected: true });
    expect(select('my schema', 'Orders "id".seq')).toEqual({ selected: false, reason: 'not included' });
  });

  it('refuses a pattern that ends with a lone backslash, naming it', () => {
    const message =
      'pattern "a\\\\" ends with a lone backslash, which escapes nothing: write \\\\ for a backslash itself';
    expect(() => compileSelection({ include: ['a\\'], exclude: [] })).toThrow(new RangeError(message));
    expect(() => compileSelection({ include: [], exclude: ['a\\'] })).toThrow(new RangeError(message));
    expect(() => compileOverrides([{ match: 'a\\' }])).toThrow(new RangeError(message));
  });
});

describe('overrides', () => {
  it('give the last that matches', () => {
    const overrideFor = compileOverrides([
      { match: '*', calls: 1 },
      { match: 'public.orders', calls: 2 },
      { match: 'public.*', calls: 3 },
      { match: 'audit.*', calls: 4 },
    ]);
    expect(overrideFor('public', 'orders')).toEqual({ match: 'public.*', calls: 3 });
    expect(overrideFor('audit', 'log')).toEqual({ match: 'audit.*', calls: 4 });
    expect(overrideFor('sales', 'log')).toEqual({ match: '*', calls: 1 });
  });

  it('give null where none matches', () => {
    expect(compileOverrides([{ match: 'public.*' }])('audit', 'log')).toBeNull();
  });
});

describe('patterns that match none of the names', () => {
  it('are told with the list that they stand in', () => {
    const patterns = {
      include: ['public.*', 'public.orders', 'pubic.*'],
      exclude: ['audit.*', '*.tmp', '*.tmp'],
      overrides: [{ match: 'public.orders' }, { match: 'public.order' }],
    };
    const names: [string, string][] = [
      ['public', 'orders'],
      ['audit', 'log'],
    ];
    expect(runSynchronously(unmatchedPatterns(patterns, names))).toEqual([
      { list: 'include', pattern: 'pubic.*' },
      { list: 'exclude', pattern: '*.tmp' },
      { list: 'overrides', pattern: 'public.order' },
    ]);
    names.push(['public', 'tmp'], ['public', 'order'], ['pubic', 'x']);
    expect(runSynchronously(unmatchedPatterns(patterns, names))).toEqual([]);
  });

  it('do not include an override of an excluded sequence', () => {
    const patterns = { include: [], exclude: ['a.*'], overrides: [{ match: 'a.b' }] };
    expect(runSynchronously(unmatchedPatterns(patterns, [['a', 'b']]))).toEqual([]);
  });

  it('do not exist without patterns, even without names', () => {
    expect(runSynchronously(unmatchedPatterns({ include: [], exclude: [], overrides: [] }, []))).toEqual([]);
  });
});

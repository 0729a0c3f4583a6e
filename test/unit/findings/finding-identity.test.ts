import { describe, expect, it } from 'vitest';
import { isCovered, stillPresent, type FindingIdentity } from '../../../src/findings/finding-identity.js';

const finding = (more: Partial<FindingIdentity> = {}): FindingIdentity => ({
  ...{ code: 'NOT_AHEAD', sequence: null, count: 1 },
  ...more,
});

describe('a finding is covered', () => {
  it('by one that counts as many of the same subject, where it does not say what it is about', () => {
    const known = [finding({ subject: 's', count: 3, things: ['1', '2', '3'] })];
    expect(isCovered(known, finding({ subject: 's', count: 3 }))).toBe(true);
    expect(isCovered(known, finding({ subject: 's', count: 4 }))).toBe(false);
    expect(isCovered(known, finding({ subject: 't', count: 3 }))).toBe(false);
    expect(isCovered(known, finding({ subject: 's', count: 3, code: 'UNLOGGED' }))).toBe(false);
  });

  it('by those that are about all of its things together, and by no count where both say what they are about', () => {
    const known = [finding({ things: ['1'] }), finding({ things: ['2', '3'], count: 2 })];
    expect(isCovered(known, finding({ things: ['1', '3'], count: 2 }))).toBe(true);
    expect(isCovered(known, finding({ things: ['4'] }))).toBe(false);
  });

  it('by one of an older worker about the same sequence', () => {
    const known = [finding({ sequence: 'public.a' })];
    expect(isCovered(known, finding({ sequence: 'public.a', things: ['1'] }))).toBe(true);
    expect(isCovered(known, finding({ sequence: 'public.b', things: ['1'] }))).toBe(false);
  });
});

describe('a finding is still there', () => {
  it('as far as its things are', () => {
    const known = finding({ things: ['1', '2'], count: 2 });
    expect(stillPresent([known], [finding({ things: ['2', '3'], count: 2 })])).toEqual([
      { ...known, things: ['2'] },
    ]);
    expect(stillPresent([known], [finding({ things: ['3'] })])).toEqual([]);
    expect(stillPresent([known], [finding({ code: 'UNLOGGED', things: ['1', '2'] })])).toEqual([]);
  });

  it('if an older worker found it on a sequence that has one now, among others', () => {
    const known = finding({ sequence: 'public.a' });
    const now = [
      finding({ sequence: 'public.a', things: ['1'] }),
      finding({ sequence: 'public.b', things: ['2'] }),
    ];
    expect(stillPresent([known], now)).toEqual([known]);
    expect(stillPresent([known], now.slice(1))).toEqual([]);
  });

  it('if nobody can tell what one of the two is about', () => {
    const [known, unknown] = [finding({ things: ['1'] }), finding({ count: 2 })];
    expect(stillPresent([known], [unknown])).toEqual([known]);
    expect(stillPresent([unknown], [known])).toEqual([unknown]);
  });
});

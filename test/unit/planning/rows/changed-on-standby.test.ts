import { describe, expect, it } from 'vitest';
import type { KnownSequence } from '../../../../src/steps/rows.js';
import { changedOnStandby } from '../../../../src/planning/rows/changed-on-standby.js';
import { rowWithoutValues } from '../../../../src/planning/rows/page-rows.js';
import { mergeChange, type SeenSequence, toKnown } from '../../../../src/planning/rows/changed-rows.js';
import { rowStateOf } from '../../../../src/planning/rows/row-state.js';

const known = (sequence: string, more: Partial<KnownSequence> = {}): KnownSequence => ({
  ...{ sequence, outcome: 'applied', oid: 1, primaryOid: 11 },
  ...more,
});
const ahead = (sequence: string, oid: number): SeenSequence => ({
  row: { ...rowWithoutValues(sequence, 'kept', 'ahead'), oid },
  state: 'ahead',
});
const failed = (sequence: string, oid: number): SeenSequence => {
  const row = { ...rowWithoutValues(sequence, 'failed', 'not compared'), oid };
  return { row, state: rowStateOf(row, false) };
};

describe('what has changed on the standby, the primary being lost', () => {
  it('is nothing where every sequence is there and ahead, or is behind and topped up', () => {
    const seen = [ahead('public.a', 1), { ...failed('public.b', 2), state: 'behind' as const }];
    expect(changedOnStandby([known('public.a'), known('public.b', { oid: 2 })], seen)).toEqual({
      changes: [],
      vanished: [],
      renewed: [],
    });
  });

  it.each<[string, KnownSequence[], SeenSequence[], string[], string[]]>([
    ['dropped', [known('public.a')], [], ['public.a failed dropped'], ['public.a null']],
    [
      'dropped, recorded by an older worker',
      [{ sequence: 'public.a', outcome: 'kept' }],
      [],
      ['public.a failed dropped'],
      ['public.a null'],
    ],
    ['of the primary alone', [known('public.a', { outcome: 'failed', oid: undefined } as never)], [], [], []],
    [
      'of the standby alone, dropped',
      [known('public.b', { oid: 2 }), { sequence: 'public.a', outcome: 'failed', oid: 1 }],
      [ahead('public.b', 2)],
      ['public.a skipped dropped'],
      [],
    ],
    [
      'that nothing was known about in a run without the primary, dropped',
      [{ sequence: 'public.a', outcome: 'failed', oid: 1 }],
      [],
      ['public.a failed dropped'],
      ['public.a null'],
    ],
    [
      'that appeared while a run without the primary waited, dropped',
      [{ sequence: 'public.a', outcome: 'failed', oid: 1, appeared: true }],
      [],
      ['public.a skipped dropped'],
      [],
    ],
    [
      'of a run without the primary, renamed and then dropped',
      [
        { sequence: 'public.a', outcome: 'failed', oid: 1 },
        { sequence: 'public.b', outcome: 'kept', oid: 1, appeared: true },
      ],
      [],
      ['public.a failed dropped', 'public.b failed dropped'],
      ['public.a null', 'public.b null'],
    ],
    [
      'of a run without the primary, renamed, with its old name again',
      [
        { sequence: 'public.a', outcome: 'failed', oid: 1 },
        { sequence: 'public.b', outcome: 'kept', oid: 1, appeared: true },
      ],
      [ahead('public.a', 1)],
      ['public.b skipped renamed to public.a', 'public.a kept ahead'],
      [],
    ],
    [
      'of a run without the primary, dropped',
      [{ sequence: 'public.a', outcome: 'applied', oid: 1 }],
      [],
      ['public.a failed dropped'],
      ['public.a null'],
    ],
    [
      'skipped and dropped',
      [known('public.a', { outcome: 'skipped' })],
      [],
      ['public.a skipped dropped'],
      [],
    ],
    [
      'renamed',
      [known('public.a')],
      [ahead('public.b', 1)],
      ['public.a failed renamed to public.b', 'public.b kept renamed from public.a'],
      ['public.a public.b'],
    ],
    [
      'renamed, with its old name again',
      [known('public.a', { outcome: 'failed' }), { sequence: 'public.b', outcome: 'kept', oid: 1 }],
      [ahead('public.a', 1)],
      ['public.b skipped renamed to public.a', 'public.a kept ahead'],
      [],
    ],
    [
      'renamed to the name of another one that was renamed',
      [known('public.a'), known('public.b', { oid: 2 })],
      [ahead('public.b', 1), ahead('public.c', 2)],
      [
        ...['public.a failed renamed to public.b', 'public.b failed renamed to public.c'],
        'public.c kept renamed from public.b',
      ],
      ['public.a public.b', 'public.b public.c'],
    ],
    [
      'that exchanged its name with another',
      [known('public.a'), known('public.b', { oid: 2 })],
      [ahead('public.a', 2), ahead('public.b', 1)],
      ['public.a failed renamed to public.b', 'public.b failed renamed to public.a'],
      ['public.a public.b', 'public.b public.a'],
    ],
    [
      'dropped, and another one has its name',
      [known('public.a'), known('public.b', { oid: 2 })],
      [ahead('public.a', 2)],
      ['public.a failed dropped', 'public.b failed renamed to public.a'],
      ['public.a null', 'public.b public.a'],
    ],
    [
      'dropped and created anew',
      [known('public.a')],
      [failed('public.a', 2)],
      ['public.a failed dropped and created anew'],
      [],
    ],
    ['created', [], [failed('public.a', 2)], ['public.a failed created'], []],
    [
      'set right again',
      [known('public.a', { outcome: 'failed' })],
      [ahead('public.a', 1)],
      ['public.a kept ahead'],
      [],
    ],
  ])('is a sequence %s', (_, before, seen, changes, vanished) => {
    const found = changedOnStandby(before, seen);
    expect(
      found.changes.map(
        ({ sequence, outcome, reason }) =>
          `${sequence} ${outcome} ${reason?.replace(/ on the standby while the run waited.*/u, '') ?? ''}`,
      ),
    ).toEqual(changes);
    expect(found.vanished.map(({ sequence, renamedTo }) => `${sequence} ${String(renamedTo)}`)).toEqual(
      vanished,
    );
  });

  it('is recorded once, and blocks as long as it is so', () => {
    const [change] = changedOnStandby([known('public.a')], []).changes;
    if (change === undefined) throw new Error('nothing has changed');
    const after = known('public.a', { outcome: 'failed', standing: change.standing ?? '' });
    expect(changedOnStandby([after], [])).toEqual({
      changes: [],
      vanished: [{ sequence: 'public.a', renamedTo: null, oid: 1 }],
      renewed: [],
    });
  });

  it('is compared with its last reading at each recheck, if it was created anew', () => {
    const seen = [failed('public.a', 2)];
    const first = changedOnStandby([known('public.a')], seen);
    expect(first.renewed).toEqual([{ sequence: 'public.a', oid: 1 }]);
    const [change] = first.changes;
    if (change === undefined) throw new Error('nothing has changed');
    expect(changedOnStandby([toKnown(change)], seen)).toEqual({
      ...{ changes: [], vanished: [], renewed: [{ sequence: 'public.a', oid: 1 }] },
    });
  });

  it('is renamed at each recheck, and recorded once', () => {
    const before = [known('public.a'), known('public.b', { oid: 2 })];
    const seen = [ahead('public.a', 2), ahead('public.b', 1)];
    const { changes, vanished } = changedOnStandby(before, seen);
    expect(changedOnStandby(changes.map(toKnown), seen)).toEqual({ changes: [], vanished, renewed: [] });
    const back = changedOnStandby(changes.map(toKnown), [ahead('public.a', 1), ahead('public.b', 2)]);
    expect(back.vanished).toEqual([]);
    expect(back.changes.map(({ sequence, outcome }) => `${sequence} ${outcome}`)).toEqual([
      'public.a kept',
      'public.b kept',
    ]);
  });

  it('says of a sequence that it appeared, as long as the primary cannot be asked for it', () => {
    const [created] = changedOnStandby([], [failed('public.a', 2)]).changes;
    if (created === undefined) throw new Error('nothing has changed');
    expect(created.appeared).toBe(true);
    expect(changedOnStandby([toKnown(created)], [ahead('public.a', 2)]).changes).toMatchObject([
      { outcome: 'kept', appeared: true },
    ]);
    expect(changedOnStandby([known('public.a')], [failed('public.a', 2)]).changes[0]).not.toHaveProperty(
      'appeared',
    );
  });

  it('does not say so of one that the run began with, and that the standby lacked', () => {
    const ofLedger: KnownSequence = { sequence: 'public.a', outcome: 'failed' };
    const [created] = changedOnStandby([ofLedger], [failed('public.a', 2)]).changes;
    expect(created).not.toHaveProperty('appeared');
  });

  it('says so too of one that is behind, and a top-up keeps it', () => {
    const before = [known('public.a', { primaryOid: undefined } as never)];
    const behind: SeenSequence = { ...ahead('public.b', 1), state: 'behind' };
    const [renamed] = changedOnStandby(before, [behind]).changes.filter(
      ({ sequence }) => sequence === 'public.b',
    );
    if (renamed === undefined) throw new Error('nothing has changed');
    expect(renamed).toMatchObject({
      outcome: 'failed',
      appeared: true,
      reason: 'renamed from public.a on the standby while the run waited; behind',
      was: null,
    });
    const toppedUp = mergeChange(renamed, { ...ahead('public.b', 1).row, outcome: 'applied' });
    expect(toKnown(toppedUp)).toMatchObject({ outcome: 'applied', appeared: true });
    // It has its old name again.
    expect(changedOnStandby([...before, toKnown(toppedUp)], [ahead('public.a', 1)]).vanished).toEqual([]);
    expect(changedOnStandby([toKnown(toppedUp)], [behind]).changes).toEqual([]);
  });
});

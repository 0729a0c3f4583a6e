import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../../../src/contract/status.js';
import type { IdentifiedRow, RecordedRow } from '../../../../src/steps/rows.js';
import { changedRows, mergeChange, toKnown, toRecorded } from '../../../../src/planning/rows/changed-rows.js';
import { mergeRounds } from '../../../../src/planning/rows/merge-rounds.js';
import {
  type RowState,
  rowStateDigest,
  rowStateOf,
  withMoved,
} from '../../../../src/planning/rows/row-state.js';
import { sumOfDigests } from '../../../../src/steps/digest.js';

type Oids = [primary: number | null, standby: number | null];

function row(name: string, [primaryOid, oid]: Oids, outcome: Outcome, reason: string | null): IdentifiedRow {
  return {
    ...{ sequence: `public.${name}`, outcome, reason },
    ...{ primaryNext: '5', standbyBefore: '105', target: '105', standbyNext: '105', buffer: '100' },
    ...(oid === null ? {} : { oid }),
    ...(primaryOid === null ? {} : { primaryOid }),
  };
}

const ahead = (name: string, oids: Oids) => row(name, oids, 'kept', null);
const missing = (name: string, oid: number) => row(name, [oid, null], 'failed', 'missing on the standby');
const alone = (name: string, oid: number) => row(name, [null, oid], 'skipped', 'only on the standby');

/** As a round has recorded them. */
function recorded(rows: IdentifiedRow[], behind: string[] = []): RecordedRow[] {
  return rows.map((one) =>
    toRecorded(one, behind.includes(one.sequence) ? 'behind' : rowStateOf(one, false)),
  );
}

function changes(before: RecordedRow[], now: IdentifiedRow[], behind: string[] = []) {
  const seen = now.map((one) => ({ row: one, state: rowStateOf(one, behind.includes(one.sequence)) }));
  return changedRows(before.map(toKnown), seen).map(({ sequence, was, outcome, reason, gone }) => [
    ...[sequence, was, outcome, reason],
    ...(gone === true ? ['gone'] : []),
  ]);
}

const READ = 'ahead of the primary when the run last read both sides';

describe('what has changed while the run waited', () => {
  const before = recorded([ahead('a', [1, 11]), ahead('b', [2, 12])]);

  it('is nothing where every sequence stands as recorded, whatever the figures in the reasons', () => {
    const failing = (value: number) => row('c', [3, 13], 'failed', `no value left: ${String(value)}`);
    const known = recorded([ahead('a', [1, 11]), failing(7)]);
    expect(changes(known, [ahead('a', [1, 11]), failing(8)])).toEqual([]);
  });

  it('is a sequence that was dropped, on both sides or on one', () => {
    const b = ahead('b', [2, 12]);
    expect(changes(before, [b])).toEqual([
      [
        'public.a',
        'kept',
        'skipped',
        'dropped on the primary and on the standby while the run waited',
        'gone',
      ],
    ]);
    expect(changes(before, [alone('a', 11), b])).toEqual([
      ['public.a', 'kept', 'skipped', 'dropped on the primary while the run waited; only on the standby'],
    ]);
    expect(changes(before, [missing('a', 1), b])).toEqual([
      ['public.a', 'kept', 'failed', 'dropped on the standby while the run waited; missing on the standby'],
    ]);
  });

  it('is a sequence that was renamed, under both of its names', () => {
    const b = ahead('b', [2, 12]);
    expect(changes(before, [b, ahead('c', [1, 11])])).toEqual([
      [
        ...['public.a', 'kept', 'skipped'],
        ...['renamed to public.c on the primary and on the standby while the run waited', 'gone'],
      ],
      [
        ...['public.c', null, 'kept'],
        `renamed from public.a on the primary and on the standby while the run waited; ${READ}`,
      ],
    ]);
    expect(changes(before, [alone('a', 11), b, missing('c', 1)])).toEqual([
      [
        ...['public.a', 'kept', 'skipped'],
        'renamed to public.c on the primary while the run waited; only on the standby',
      ],
      [
        ...['public.c', null, 'failed'],
        'renamed from public.a on the primary while the run waited; missing on the standby',
      ],
    ]);
  });

  it('is a sequence that was created, unless its top-up records it', () => {
    const rows = [ahead('a', [1, 11]), ahead('b', [2, 12])];
    const created = 'while the run waited';
    expect(changes(before, [...rows, ahead('c', [3, 13])])).toEqual([
      ['public.c', null, 'kept', `created on the primary and on the standby ${created}; ${READ}`],
    ]);
    expect(changes(before, [...rows, missing('c', 3)])).toEqual([
      ['public.c', null, 'failed', `created on the primary ${created}; missing on the standby`],
    ]);
    expect(changes(before, [...rows, alone('c', 13)])).toEqual([
      ['public.c', null, 'skipped', `created on the standby ${created}; only on the standby`],
    ]);
    expect(changes(before, [...rows, ahead('c', [3, 13])], ['public.c'])).toEqual([]);
  });

  it('is a sequence that failed and is ahead by now, or fails for another reason', () => {
    const known = recorded([missing('a', 1), { ...ahead('b', [2, 12]), outcome: 'failed' }], ['public.b']);
    expect(changes(known, [ahead('a', [1, 11]), ahead('b', [2, 12])])).toEqual([
      ['public.a', 'failed', 'kept', READ],
      ['public.b', 'failed', 'kept', READ],
    ]);
    const differs = row('a', [1, 11], 'failed', 'the increments differ');
    expect(changes(known, [differs, ahead('b', [2, 12])], ['public.b'])).toEqual([
      ['public.a', 'failed', 'failed', 'the increments differ'],
    ]);
  });

  it('is told once, and a name that comes back is a sequence of its own', () => {
    const told = changedRows(before.map(toKnown), [{ row: ahead('b', [2, 12]), state: 'ahead' }]);
    const after = [...before.filter(({ sequence }) => sequence !== 'public.a'), ...told];
    expect(changes(after, [ahead('b', [2, 12])])).toEqual([]);
    expect(changes(after, [missing('a', 9), ahead('b', [2, 12])])).toEqual([
      [
        ...['public.a', 'skipped', 'failed'],
        'created on the primary while the run waited; missing on the standby',
      ],
    ]);
  });

  it('is taken for what an older worker has recorded where that did not say enough', () => {
    const older = [row('a', [null, null], 'failed', 'missing on the standby')];
    expect(changes(older, [missing('a', 1)])).toEqual([]);
    expect(changes(older, [])).toEqual([
      ['public.a', 'failed', 'skipped', 'dropped while the run waited', 'gone'],
    ]);
  });
});

it('a change keeps the values that it does not know', () => {
  const [before] = recorded([ahead('a', [1, 11])]);
  const [change] = changedRows([toKnown(before as RecordedRow)], []);
  expect(mergeChange(before, change as RecordedRow)).toMatchObject({
    ...{ primaryNext: '5', standbyBefore: '105', target: '105', standbyNext: '105', buffer: '100' },
    outcome: 'skipped',
  });
});

describe('the sum of where sequences stand', () => {
  const sum = (...all: [string, RowState][]) =>
    sumOfDigests(all.map(([name, at]) => rowStateDigest(name, at)));

  it('is the same in any order, and another for another name or standing', () => {
    expect(sum(['a', 'ahead'], ['b', 'behind'])).toBe(sum(['b', 'behind'], ['a', 'ahead']));
    expect(sum(['a', 'ahead'])).not.toBe(sum(['a', 'behind']));
    expect(sum(['a', 'ahead'])).not.toBe(sum(['b', 'ahead']));
  });

  it('follows a sequence that was topped up', () => {
    const before = sum(['a', 'ahead'], ['b', 'behind'], ['c', 'skipped: excluded']);
    const after = sum(['a', 'ahead'], ['b', 'ahead'], ['c', 'skipped: excluded']);
    expect(withMoved(before, 'b', 'behind', 'ahead')).toBe(after);
    expect(withMoved(after, 'b', 'ahead', 'behind')).toBe(before);
  });
});

describe('the rows of several rounds', () => {
  it('show what was set in any of them, and what is no more', () => {
    const set = { ...row('a', [1, 11], 'applied', null), standbyBefore: '1' };
    const first = recorded([set, ahead('b', [2, 12]), ahead('gone', [3, 13])]);
    const again = { ...ahead('a', [1, 11]), primaryNext: '7', target: '107', standbyNext: '105' };
    const rows = mergeRounds(first, recorded([again, ahead('b', [2, 12])]));
    expect(rows).toMatchObject([
      {
        ...{ sequence: 'public.a', outcome: 'applied', primaryNext: '5', standbyBefore: '1', target: '105' },
        reason: 'set in an earlier round, and ahead in the last',
      },
      { sequence: 'public.b', outcome: 'kept', reason: null },
      {
        ...{ sequence: 'public.gone', outcome: 'skipped', gone: true, target: '105' },
        reason: 'dropped on the primary and on the standby while the run waited',
      },
    ]);
    // Once more, nothing is lost.
    expect(mergeRounds(rows, recorded([again, ahead('b', [2, 12])]))).toEqual(rows);
  });

  it('remember which names appeared while the primary was lost', () => {
    const rows = recorded([ahead('a', [null, 11]), ahead('b', [null, 12])]);
    const [a, b] = rows as [RecordedRow, RecordedRow];
    for (const outcome of ['kept', 'applied'] as const)
      expect(mergeRounds([{ ...a, outcome, appeared: true }, b], rows)).toMatchObject([
        { sequence: 'public.a', outcome, appeared: true },
        b,
      ]);
  });
});

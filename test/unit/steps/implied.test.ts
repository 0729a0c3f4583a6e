import { expect, it } from 'vitest';
import { pageLimits } from '../../../activities/page-limits.js';
import type { SequenceRow } from '../../../src/contract/status.js';
import type { RawName } from '../../../src/steps/identity.js';
import type { PlannedSequence, PrimarySequence } from '../../../src/steps/rows.js';
import { impliedPlan, impliedPrimary, impliedRow, upgradeTable } from '../../../src/steps/implied.js';
import { type Implied, packTable, type Table, unpackTable } from '../../../src/steps/table.js';
import { pageRanges } from '../../../src/postgres/sequences/page-ranges.js';
import { toRow } from '../../../src/steps/sequence-row.js';

/** At which Temporal warns. */
const LIMIT = 512 * 1024;
/** Of a page: the policy, the identities, its findings. */
const BESIDES = 8 * 1024;

function travels<T extends object>(records: readonly T[], implied: Implied<T>): number {
  const json = JSON.stringify(packTable(records, implied));
  expect(unpackTable(JSON.parse(json) as Table<T>)).toEqual(records);
  return Buffer.byteLength(json);
}

interface Names {
  index: number;
  name: string;
  sequence: string;
  column: string;
}

/** As many as a page of such names holds at most. */
function pageOf(table: (index: number) => string): Names[] {
  const names = Array.from({ length: 50_000 }, (_, index): RawName => ['public', `${table(index)}_id_seq`]);
  const [first] = pageRanges(names, pageLimits);
  const end = names.findIndex((name) => name === first?.upTo);
  const quoted = (name: string) => (/^[a-z_0-9]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`);
  return names.slice(0, end + 1).map(([, name], index) => ({
    ...{ index, name, sequence: `public.${quoted(name)}`, column: `public.${quoted(table(index))}.id` },
  }));
}

const digits = (index: number) => String(index).padStart(5, '0');

it.each([
  ['short names', (index: number) => `t${digits(index)}`],
  ['usual names', (index: number) => `customer_orders_${digits(index)}`],
  ['long names', (index: number) => `${'x'.repeat(51)}${digits(index)}`],
  ['mixed case', (index: number) => `CustomerOrders${digits(index)}`],
  ['long names in mixed case', (index: number) => `${'X'.repeat(51)}${digits(index)}`],
  ['long names in another script', (index: number) => `${'я'.repeat(25)}${digits(index)}`],
  ['names of quotes', (index: number) => `${'"'.repeat(51)}${digits(index)}`],
])('a full page travels in less than 512 KiB, whatever its values: %s', (_, table) => {
  const far = 9_000_000_000_000_000_000n;
  const page = pageOf(table);
  const primary = page.map(({ index, name, sequence, column }): PrimarySequence => ({
    ...{ schema: 'public', name, sequence, oid: 4_000_000_000 + index },
    ...{ increment: '1', min: '1', max: '9223372036854775807', cache: '1', called: true },
    last: String(far + BigInt(index)),
    feeds: [column],
    furthest: index % 100 === 0 ? null : String(far + BigInt(index)),
  }));
  const rows = page.map(({ index, sequence }): PlannedSequence => ({
    sequence,
    primaryNext: String(far + BigInt(index) + 1n),
    standbyBefore: String(far + BigInt(index) - 1n),
    target: String(far + BigInt(index) + 10_001n),
    standbyNext: String(far + BigInt(index) - 1n),
    ...{ buffer: '10000', outcome: 'applied', reason: null, increment: '1', called: true },
    ...{ oid: 4_000_000_000 + index, primaryOid: 4_100_000_000 + index },
  }));
  const set = rows.map((row) => toRow({ ...row, standbyNext: row.target }));
  expect(travels(primary, impliedPrimary)).toBeLessThan(LIMIT - BESIDES);
  expect(travels(rows, impliedPlan)).toBeLessThan(LIMIT - BESIDES);
  expect(travels(set, impliedRow)).toBeLessThan(LIMIT - BESIDES);
});

it('a value that is not the implied one is in the table', () => {
  const primary: PrimarySequence = {
    ...{ schema: 'S', name: 'a', sequence: '"S".a', oid: 1, increment: '1', min: '1', max: '9', cache: '1' },
    ...{ last: '4', called: true },
  };
  travels(
    [
      primary,
      { ...primary, feeds: ['public.t.id'], furthest: '4' },
      { ...primary, feeds: ['public.t.id'], furthest: '7' },
      { ...primary, feeds: ['public.t.id'], furthest: null },
      { ...primary, schema: 'public', sequence: 'public.a' },
    ],
    impliedPrimary,
  );
});

it('a table of release 0.1.0, which does not say what is implied, is read as that release wrote it', () => {
  const primary = upgradeTable<PrimarySequence>(
    {
      count: 2,
      same: { schema: 'public', increment: '1', min: '1', max: '9', cache: '1', called: true },
      columns: ['name', 'oid', 'last', 'feeds'],
      rows: [
        ['a', 1, '4', ['public.t.id']],
        ['b', 2, '5', {}],
      ],
    },
    'primary',
  );
  expect(unpackTable(primary)).toEqual([
    expect.objectContaining({ sequence: 'public.a', furthest: '4' }),
    expect.objectContaining({ sequence: 'public.b', furthest: undefined }),
  ]);
  const planned = { sequence: 'public.a', standbyBefore: '1', target: '-95', buffer: '10', increment: '-10' };
  const plan = upgradeTable<PlannedSequence>({ count: 1, same: planned, columns: [], rows: [] }, 'plan');
  expect(unpackTable(plan)).toEqual([{ ...planned, standbyNext: '1', primaryNext: '5' }]);
  const recorded = { sequence: 'public.a', target: '105' };
  const row = upgradeTable<SequenceRow>({ count: 1, same: recorded, columns: [], rows: [] }, 'row');
  expect(unpackTable(row)).toEqual([{ ...recorded, standbyNext: '105' }]);
});

it('a table that says what is implied is left as it is', () => {
  const table = packTable([{ sequence: 'public.a', target: '1', standbyNext: '2' }] as SequenceRow[], {});
  expect(upgradeTable(table, 'row')).toBe(table);
});

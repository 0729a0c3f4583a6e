import { expect, it } from 'vitest';
import { type Column, textTable, textTableWithin, wrap } from '../../../src/terminal/text-table.js';

it('aligns columns by what a terminal shows, wide and combining characters included', () => {
  const table = textTable(
    [
      { title: ['sequence'], align: 'left', cell: ([name]) => name },
      { title: ['next'], align: 'right', cell: ([, next]) => next },
    ],
    [
      ['orders_id_seq', '1'],
      ['注文_id_seq', '22'],
      ['cafe\u0301_seq', '333'],
    ] as [string, string][],
  );
  expect(table).toEqual([
    'sequence       next',
    '───────────────────',
    'orders_id_seq     1',
    '注文_id_seq      22',
    'cafe\u0301_seq        333',
  ]);
});

it('wraps at spaces by columns, and gives a longer word a line of its own', () => {
  expect(wrap('ab 注文 c', 5)).toEqual(['ab', '注文', 'c']);
  expect(wrap('a b longword c', 4)).toEqual(['a b', 'longword', 'c']);
});

it('puts the last column below its row if the table is too wide', () => {
  const column = (title: string, at: number): Column<string[]> => ({
    ...{ title: [title], align: 'left' },
    cell: (row) => row[at] ?? '',
  });
  const rows = [
    ['a_seq', 'applied', ''],
    ['b_seq', 'skipped', 'it belongs to an extension'],
  ];
  const within = (width: number, whole?: true) =>
    textTableWithin(
      [column('sequence', 0), column('outcome', 1)],
      { ...column('reason', 2), ...(whole && { whole }) },
      rows,
      width,
    );
  const rule = (length: number) => '─'.repeat(length);
  expect(within(45)).toEqual([
    'sequence  outcome  reason',
    rule(45),
    'a_seq     applied',
    'b_seq     skipped  it belongs to an extension',
  ]);
  const narrow = ['sequence  outcome', rule(17), 'a_seq     applied', 'b_seq     skipped'];
  expect(within(44)).toEqual([...narrow, '  it belongs to an extension']);
  expect(within(20)).toEqual([...narrow, '  it belongs to an', '  extension']);
  expect(within(20, true)).toEqual([...narrow, '  it belongs to an extension']);
  expect(within(14)).toEqual([
    ...['sequence', '  outcome', `  ${rule(7)}`, 'a_seq', '  applied', 'b_seq', '  skipped'],
    ...['  it belongs', '  to an', '  extension'],
  ]);
});

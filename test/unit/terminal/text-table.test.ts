import { expect, it } from 'vitest';
import { textTable, wrap } from '../../../src/terminal/text-table.js';

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

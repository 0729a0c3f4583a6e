import { expect, it } from 'vitest';
import {
  defaultRanges,
  firstKeyRanges,
  mayRefuse,
} from '../../../src/postgres/sequences/partition-bounds.js';

it.each([
  ["FOR VALUES FROM ('1') TO ('10000')", { low: 1n, high: 9999n }],
  ["FOR VALUES FROM ('-5') TO (MAXVALUE)", { low: -5n, high: null }],
  ['FOR VALUES FROM (MINVALUE) TO (9)', { low: null, high: 8n }],
  ["FOR VALUES FROM (1, 'it''s, (a)') TO (10000, 'b')", { low: 1n, high: 9999n }],
  ['FOR VALUES FROM (1, MINVALUE) TO (10000, MAXVALUE)', { low: 1n, high: 10000n }],
  ['FOR VALUES FROM (5, 1) TO (5, 9)', { low: 5n, high: 5n }],
  ["FOR VALUES FROM ('a') TO ('b')", null],
  ['FOR VALUES FROM (1) TO (10.5)', null],
  ["FOR VALUES IN ('a')", null],
  ["FOR VALUES IN ('a, 1', 2)", null],
  ['FOR VALUES IN (2, 1, NULL)', { low: 1n, high: 2n }],
  ["FOR VALUES IN ('-7')", { low: -7n, high: -7n }],
  [null, null],
])('the range of %s', (bound, range) => {
  expect(firstKeyRanges(bound)).toEqual(range === null ? null : [range]);
});

it('a list has ranges with gaps, and null is none of its values', () => {
  expect(firstKeyRanges('FOR VALUES IN (7, 1, 2, NULL)')).toEqual([
    { low: 1n, high: 2n },
    { low: 7n, high: 7n },
  ]);
  expect(firstKeyRanges('FOR VALUES IN (NULL)')).toEqual([]);
});

it.each([
  ['its only partition', [], [{ low: null, high: null }]],
  [
    'ranges with a gap',
    ["FOR VALUES FROM ('1') TO ('1000')", 'FOR VALUES FROM (2000) TO (3000)'],
    [
      { low: null, high: 0n },
      { low: 1000n, high: 1999n },
      { low: 3000n, high: null },
    ],
  ],
  ['open ranges', ['FOR VALUES FROM (MINVALUE) TO (9)', 'FOR VALUES FROM (9) TO (MAXVALUE)'], []],
  [
    'bounds within other keys',
    ["FOR VALUES FROM (5, 'a') TO (9, 'b')"],
    [
      { low: null, high: 5n },
      { low: 9n, high: null },
    ],
  ],
  [
    'bounds at the ends of other keys',
    ['FOR VALUES FROM (5, MINVALUE) TO (9, MAXVALUE)'],
    [
      { low: null, high: 4n },
      { low: 10n, high: null },
    ],
  ],
  [
    'lists',
    ["FOR VALUES IN ('1', NULL, '2')", 'FOR VALUES IN (5)'],
    [
      { low: null, high: 0n },
      { low: 3n, high: 4n },
      { low: 6n, high: null },
    ],
  ],
  ['a part of one value', ['FOR VALUES FROM (5, 1) TO (5, 9)'], [{ low: null, high: null }]],
])('the values of a default partition beside %s', (_, bounds, ranges) => {
  expect(defaultRanges(bounds)).toEqual(ranges);
});

const by = { strategy: 'r', positions: [1], inExpression: false, isNumber: true };

it.each([
  ['another column', { ...by, positions: [] }, ["FOR VALUES FROM ('a', 1) TO ('b', 2)"], false],
  ['a later key', by, ["FOR VALUES FROM ('a', 1) TO ('b', 2)"], true],
  ['a later key without bounds', by, ["FOR VALUES FROM ('a', MINVALUE) TO ('b', MINVALUE)"], false],
  ['an expression', { ...by, positions: [], inExpression: true }, ['FOR VALUES FROM (1) TO (9)'], true],
  ['a list', { ...by, strategy: 'l', positions: [0] }, ['FOR VALUES IN (1)'], true],
  [
    'all remainders',
    { ...by, strategy: 'h' },
    [
      'FOR VALUES WITH (modulus 2, remainder 0)',
      'FOR VALUES WITH (modulus 6, remainder 1)',
      'FOR VALUES WITH (modulus 6, remainder 3)',
      'FOR VALUES WITH (modulus 6, remainder 5)',
    ],
    false,
  ],
  ['some remainders', { ...by, strategy: 'h' }, ['FOR VALUES WITH (modulus 2, remainder 0)'], true],
])('partitions by %s', (_, partitioning, bounds, isRefusing) => {
  expect(mayRefuse(partitioning, bounds)).toBe(isRefusing);
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCheck } from '../../../src/postgres/sequences/check-expression.js';

/** As PostgreSQL prints them. */
describe('a check constraint', () => {
  it.each([
    ['CHECK (((no >= 1) AND (no <= 9999)))', 1n, 9999n, true],
    ['CHECK ((no < 10000))', null, 9999n, true],
    ['CHECK ((no > 0)) NOT VALID', 1n, null, true],
    ['CHECK ((10000 > no)) NO INHERIT', null, 9999n, true],
    ["CHECK ((no <= '99999999999'::bigint))", null, 99999999999n, true],
    ["CHECK (((no >= '-5'::integer) AND (no < '-2'::integer)))", -5n, -3n, true],
    ['CHECK ((no > (-5)))', -4n, null, true],
    ['CHECK ((no < (9999)::numeric))', null, 9998n, true],
    ['CHECK ((no < 9999.5))', null, 9999n, true],
    ['CHECK (((no >= 0.5) AND (no > (-1.5))))', 1n, null, true],
    ["CHECK ((no <= '-1.5'::numeric))", null, -2n, true],
    ['CHECK (((no)::numeric < 10000.0))', null, 9999n, true],
    ['CHECK ((("No" >= 1) AND ("No" <= 7) AND (price > 0)))', null, null, true],
    ['CHECK (((no IS NOT NULL) AND (no <= 70) AND (no <= 50)))', null, 50n, true],
    ['CHECK ((no = 5))', 5n, 5n, true],
    ['CHECK ((price > 0))', null, null, true],
    ["CHECK ((note <> 'no < 5'::text))", null, null, true],
    ['CHECK ((no < 10000)) NOT ENFORCED', null, null, true],
    ['CHECK (((no < 10000) AND (is_free(no))))', null, 9999n, false],
    ['CHECK ((no < most))', null, null, false],
    ['CHECK ((no <> 5))', null, null, true],
    ['CHECK (((no <> 13) AND (no < 10000)))', null, 9999n, true],
    ['CHECK ((5 <> (no)::smallint))', -32768n, 32767n, true],
    ['CHECK ((no <> most))', null, null, false],
    ['CHECK ((length((no)::text) <> 4))', null, null, false],
    ['CHECK (((no % 2) = 0))', null, null, false],
    ['CHECK ((length((no)::text) <= 4))', -999n, 9999n, true],
    ['CHECK ((char_length(((no)::integer)::text) < 5))', -999n, 9999n, true],
    ['CHECK ((1 >= octet_length(no)))', 0n, 9n, true],
    ['CHECK ((length((no)::text) = 4))', -999n, 9999n, false],
    ['CHECK ((length((no)::text) <= 30))', null, null, true],
    ['CHECK ((length((no)::text) >= 4))', null, null, false],
    ['CHECK ((length((no)::text) < 1))', null, null, false],
    ['CHECK ((length((no)::text) <= most))', null, null, false],
    ["CHECK ((length(('O'::text || no)) <= 4))", null, null, false],
    ['CHECK ((length(((no)::smallint)::text) <= 4))', null, null, false],
    ["CHECK ((length(no, 'UTF8'::name) <= 4))", null, null, false],
    ["CHECK (((no)::text <= '9999'::text))", null, null, false],
    ['CHECK ((NOT (no > 9999)))', null, 9999n, true],
    ['CHECK ((NOT (NOT (no < 9999))))', null, 9998n, true],
    ['CHECK ((NOT ((no < 1) OR (9999 < no))))', 1n, 9999n, true],
    ['CHECK ((NOT ((no < 1) AND (price > 0))))', null, null, false],
    ['CHECK ((NOT (no = 5)))', null, null, true],
    ['CHECK ((NOT (no <> 5)))', 5n, 5n, true],
    ['CHECK ((NOT (no = ANY (ARRAY[1, 2]))))', null, null, true],
    ['CHECK ((NOT (no <> ALL (ARRAY[1, 2]))))', 1n, 2n, true],
    ['CHECK ((NOT ((no < 5) IS TRUE)))', null, null, false],
    ['CHECK (((no IS NULL) OR (no < 10000)))', null, 9999n, true],
    ['CHECK (((no IS NULL) OR ((no >= 1) AND (no < 10000))))', 1n, 9999n, true],
    ['CHECK (((price IS NULL) OR (no < 10000)))', null, null, false],
    ['CHECK (((no)::numeric(4,0) > (0)::numeric))', null, null, false],
    ['CHECK (((no)::smallint > 0))', 1n, 32767n, true],
    ['CHECK ((((no)::integer >= 1) AND ((no)::integer <= 9999)))', 1n, 9999n, true],
    ['CHECK ((no IS NOT NULL))', null, null, true],
    ['CHECK ((NULLIF((no > 9999), true) IS NOT NULL))', null, null, false],
    ['CHECK ((CASE WHEN (no < 9999) THEN 1 ELSE NULL::integer END IS NOT NULL))', null, null, false],
    ['CHECK (((no)::real < (20000000)::real))', null, null, false],
    ['CHECK (((no)::bigint < 10000))', null, 9999n, true],
    ['CHECK ((COALESCE(no, 0) < 5))', null, null, false],
  ])('%s', (definition, low, high, isWhole) => {
    expect(readCheck(definition, 'no')).toEqual({ ranges: [{ low, high }], isWhole });
  });

  it.each<[string, [bigint | null, bigint | null][], boolean]>([
    [
      'CHECK (((no < 10000) OR (no > 20000)))',
      [
        [null, 9999n],
        [20001n, null],
      ],
      true,
    ],
    [
      'CHECK (((no IS NULL) OR (no < 10000) OR ((no >= 20000) AND (no <= 30000))))',
      [
        [null, 9999n],
        [20000n, 30000n],
      ],
      true,
    ],
    ['CHECK (((no < 10000) OR (no >= 10000)))', [[null, null]], true],
    ['CHECK (((no < 10000) OR (no IS NOT NULL)))', [[null, null]], true],
    ['CHECK (((no < 10000) OR ((no % 2) = 0)))', [[null, null]], false],
    ['CHECK (((no < 10000) OR (price > 0)))', [[null, null]], false],
    [
      'CHECK ((((no < 100) AND (price > 0)) OR (no > 1000)))',
      [
        [null, 99n],
        [1001n, null],
      ],
      false,
    ],
    [
      'CHECK (((no > 5) AND ((no < 10) OR (no > 20))))',
      [
        [6n, 9n],
        [21n, null],
      ],
      true,
    ],
    ['CHECK ((NOT ((no >= 10) AND (no <= 20))))', [[null, null]], false],
    ['CHECK ((CASE WHEN (no > 0) THEN (no < 100) ELSE true END))', [[null, null]], false],
    ['CHECK ((no = ANY (ARRAY[1, 2, 3])))', [[1n, 3n]], true],
    [
      "CHECK ((no = ANY (ARRAY[(1)::bigint, (2)::bigint, '-4'::integer])))",
      [
        [-4n, -4n],
        [1n, 2n],
      ],
      true,
    ],
    [
      "CHECK ((no = ANY ('{1,2,5}'::integer[])))",
      [
        [1n, 2n],
        [5n, 5n],
      ],
      true,
    ],
    ['CHECK (((no)::bigint = ANY ((ARRAY[1, 2])::bigint[])))', [[1n, 2n]], true],
    ['CHECK ((no = ANY (ARRAY[1.0, 2.5])))', [[1n, 1n]], true],
    ['CHECK ((no = ANY (ARRAY[1, NULL::integer])))', [[null, null]], false],
    ['CHECK ((no = ANY (ARRAY[1, most])))', [[null, null]], false],
    ["CHECK ((no = ANY ('{1,NULL}'::integer[])))", [[null, null]], false],
    ["CHECK (((no)::text = ANY (ARRAY['1'::text, '2'::text])))", [[null, null]], false],
    ['CHECK ((no <> ALL (ARRAY[1, 2])))', [[null, null]], true],
    ['CHECK ((no <> ALL (ARRAY[1, most])))', [[null, null]], false],
    ['CHECK ((no <> ANY (ARRAY[1, 2])))', [[null, null]], false],
    ['CHECK ((no = ALL (ARRAY[1, 2])))', [[null, null]], false],
    ['CHECK ((no < ANY (ARRAY[1, 2])))', [[null, null]], false],
    ['CHECK ((5 = ANY (ARRAY[no, 2])))', [[null, null]], false],
    ['CHECK (((no < 5) AND (no > 9)))', [], true],
  ])('allows several ranges: %s', (definition, ranges, isWhole) => {
    expect(readCheck(definition, 'no')).toEqual({
      ranges: ranges.map(([low, high]) => ({ low, high })),
      isWhole,
    });
  });

  it('knows a column by its raw name, and a domain by VALUE', () => {
    expect(readCheck('CHECK (("No" < 5))', 'No')).toEqual({
      ranges: [{ low: null, high: 4n }],
      isWhole: true,
    });
    expect(readCheck('CHECK (("a""b" < 5))', 'a"b')).toEqual({
      ranges: [{ low: null, high: 4n }],
      isWhole: true,
    });
    expect(readCheck('CHECK (((VALUE >= 1) AND (VALUE <= 9999)))', 'VALUE')).toMatchObject({
      ranges: [{ low: 1n, high: 9999n }],
    });
  });

  it('never throws, and never claims to know what it does not', () => {
    const noise = fc.stringMatching(/^[no()<>= 0-9'"ANDOR:]{0,40}$/u);
    fc.assert(
      fc.property(noise, (text) => {
        expect(readCheck(`CHECK ((${text}))`, 'no')).toBeDefined();
      }),
    );
    fc.assert(
      fc.property(fc.bigInt(-(10n ** 20n), 10n ** 20n), (bound) => {
        const text = bound < 0n ? `(${String(bound)})` : String(bound);
        expect(readCheck(`CHECK ((no <= ${text}))`, 'no')).toEqual({
          ranges: [{ low: null, high: bound }],
          isWhole: true,
        });
        expect(readCheck(`CHECK ((no > ${text}))`, 'no')).toEqual({
          ranges: [{ low: bound + 1n, high: null }],
          isWhole: true,
        });
      }),
    );
  });
});

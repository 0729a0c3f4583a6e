import { describe, expect, it } from 'vitest';
import type { ColumnType, Definition, Position } from '../../../src/sequences/sequence.js';
import { computeTarget, isBlocked, type TargetInput } from '../../../src/sequences/target.js';

const INT8 = { min: 1n, max: 9223372036854775807n };
const INT8_DOWN = { min: -9223372036854775808n, max: -1n };
const INT2 = { min: 1n, max: 32_767n };

const called = (lastValue: bigint): Position => ({ lastValue, isCalled: true });
const uncalled = (lastValue: bigint): Position => ({ lastValue, isCalled: false });

const define = (given: Partial<Definition> = {}): Definition => {
  const increment = given.increment ?? 1n;
  return { increment, cache: 1n, cycle: false, ...(increment > 0n ? INT8 : INT8_DOWN), ...given };
};

/** Both sides share `definition` unless one is given its own; the standby was never called. */
function input(given: {
  primary: Position;
  definition?: Partial<Definition>;
  standby?: Position;
  primaryDefinition?: Partial<Definition>;
  columns?: ColumnType[];
  buffer?: bigint;
  furthest?: bigint;
  ahead?: TargetInput['ahead'];
  rows?: TargetInput['rows'];
  anyJump?: boolean;
}): TargetInput {
  const definition = define(given.definition);
  const start = definition.increment > 0n ? definition.min : definition.max;
  return {
    primary: { position: given.primary, definition: { ...definition, ...given.primaryDefinition } },
    standby: { position: given.standby ?? uncalled(start), definition },
    columns: given.columns ?? [],
    buffer: given.buffer ?? 10_000n,
    primaryMaxConnections: 100n,
    furthest: given.furthest ?? null,
    ahead: given.ahead ?? null,
    rows: given.rows ?? null,
    anyJump: given.anyJump ?? false,
  };
}

const compute = (given: Parameters<typeof input>[0]) => computeTarget(input(given));

describe('the worked examples of the design', () => {
  it.each([
    {
      of: 'last_value 10,000 called, i=1',
      given: { primary: called(10_000n) },
      expected: { primaryNext: 10_001n, target: 20_001n, value: 20_000n, called: true },
    },
    {
      of: 'RESTART WITH 500000',
      given: { primary: uncalled(500_000n) },
      expected: { primaryNext: 500_000n, target: 510_000n, value: 509_999n, called: true },
    },
    {
      of: 'i=-1, last -500',
      given: { primary: called(-500n), definition: { increment: -1n } },
      expected: { primaryNext: -501n, target: -10_501n, value: -10_500n, called: true },
    },
    {
      of: 'i=10, last 1,001',
      given: { primary: called(1_001n), definition: { increment: 10n } },
      expected: { primaryNext: 1_011n, target: 101_011n, value: 101_001n, called: true },
    },
  ])('$of', ({ given, expected }) => {
    const result = compute(given);
    expect(result).toEqual({
      outcome: 'apply',
      ...expected,
      standbyNext: result.standbyNext,
      buffer: 10_000n,
      notes: [],
    });
  });

  it('smallint at 32,000: the buffer becomes half of the 767 calls that remain', () => {
    expect(compute({ primary: called(32_000n), definition: INT2, standby: called(31_000n) })).toEqual({
      outcome: 'apply',
      primaryNext: 32_001n,
      standbyNext: 31_001n,
      buffer: 383n,
      target: 32_384n,
      value: 32_383n,
      called: true,
      notes: [
        {
          kind: 'bufferReduced',
          from: 10_000n,
          to: 383n,
          remaining: 767n,
          bound: { value: 32_767n, by: 'sequence' },
        },
      ],
    });
  });
});

describe('setval arguments', () => {
  it('start uncalled where the value before the target is below the minimum', () => {
    const definition = { increment: 10n, min: 1n, max: 1_000n };
    expect(
      compute({
        primary: uncalled(5n),
        standby: uncalled(1n),
        definition,
        buffer: 0n,
        primaryDefinition: { min: 5n, start: 105n },
      }),
    ).toMatchObject({ outcome: 'apply', target: 5n, value: 5n, called: false });
    expect(
      compute({
        primary: called(-5n),
        standby: uncalled(1n),
        definition,
        buffer: 0n,
        primaryDefinition: { min: -5n, start: 105n },
      }),
    ).toMatchObject({ outcome: 'apply', target: 5n, value: 5n, called: false });
  });

  it('start uncalled where the value before the target is above the maximum', () => {
    const definition = { increment: -10n, min: -1_000n, max: -1n };
    expect(
      compute({ primary: called(5n), definition, buffer: 0n, primaryDefinition: { max: 10n } }),
    ).toMatchObject({ outcome: 'apply', target: -5n, value: -5n, called: false });
  });

  it('reach across the whole of bigint', () => {
    const increment = 9223372036854775807n;
    const start = -9223372036854775808n;
    const definition = { increment, min: start, max: increment };
    expect(compute({ primary: called(start), standby: uncalled(start), definition, buffer: 1n })).toEqual({
      outcome: 'apply',
      primaryNext: -1n,
      standbyNext: start,
      buffer: 1n,
      target: 9223372036854775806n,
      value: -1n,
      called: true,
      notes: [],
    });
  });
});

describe('a buffer of 0', () => {
  it.each([called(700n), uncalled(700n)])('copies the position of the primary as it is: %o', (primary) => {
    expect(compute({ primary, buffer: 0n })).toEqual({
      outcome: 'apply',
      primaryNext: primary.isCalled ? 701n : 700n,
      standbyNext: 1n,
      buffer: 0n,
      target: primary.isCalled ? 701n : 700n,
      value: 700n,
      called: primary.isCalled,
      notes: [{ kind: 'noHeadroom' }],
    });
  });

  it('keeps a standby that would return the same value, however it says so', () => {
    expect(compute({ primary: called(700n), standby: uncalled(701n), buffer: 0n })).toMatchObject({
      outcome: 'keep',
      target: 701n,
      notes: [{ kind: 'noHeadroom' }],
    });
  });

  it('yields to the data', () => {
    expect(compute({ primary: uncalled(1n), buffer: 0n, furthest: 500n })).toEqual({
      outcome: 'apply',
      primaryNext: 1n,
      standbyNext: 1n,
      buffer: 0n,
      target: 501n,
      value: 500n,
      called: true,
      isBehindRows: true,
      notes: [{ kind: 'noHeadroom' }, { kind: 'behindData', furthest: 500n, from: 1n, to: 501n }],
    });
  });
});

describe('bounds', () => {
  it('are those of the column where it is tighter than the sequence', () => {
    expect(
      compute({ primary: called(2_147_483_000n), columns: [{ type: 'int8' }, { type: 'int4' }] }),
    ).toMatchObject({
      outcome: 'apply',
      buffer: 323n,
      target: 2_147_483_324n,
      notes: [
        {
          kind: 'bufferReduced',
          from: 10_000n,
          to: 323n,
          remaining: 647n,
          bound: { value: 2_147_483_647n, by: { type: 'int4' } },
        },
      ],
    });
  });

  it('are those of the standby: the limit of the primary is only a warning', () => {
    const primaryDefinition = { max: 2_147_483_647n };
    expect(compute({ primary: called(2_147_483_600n), primaryDefinition })).toMatchObject({
      outcome: 'apply',
      buffer: 10_000n,
      target: 2_147_493_601n,
      notes: [{ kind: 'primaryLimit', limit: 2_147_483_647n, remaining: 47n }],
    });
    expect(compute({ primary: called(2_147_483_647n), primaryDefinition, buffer: 0n })).toMatchObject({
      outcome: 'apply',
      target: 2_147_483_648n,
      value: 2_147_483_647n,
      called: true,
      notes: [{ kind: 'noHeadroom' }, { kind: 'primaryLimit', limit: 2_147_483_647n, remaining: 0n }],
    });
  });

  it('count in calls, not in values', () => {
    expect(compute({ primary: called(90n), definition: { increment: 10n, max: 185n } })).toMatchObject({
      buffer: 4n,
      target: 140n,
      notes: [{ kind: 'bufferReduced', from: 10_000n, to: 4n, remaining: 9n }],
    });
  });

  it('leave a buffer that is exactly half of what remains', () => {
    expect(compute({ primary: called(100n), definition: { max: 20_100n } })).toMatchObject({
      buffer: 10_000n,
      target: 10_101n,
      notes: [],
    });
  });

  it('reduce the buffer to nothing for the last call', () => {
    expect(compute({ primary: called(32_766n), definition: INT2 })).toMatchObject({
      outcome: 'apply',
      buffer: 0n,
      target: 32_767n,
      value: 32_766n,
      called: true,
      notes: [{ kind: 'bufferReduced', from: 10_000n, to: 0n, remaining: 1n }, { kind: 'noHeadroom' }],
    });
  });

  it('hold at the ends of bigint', () => {
    expect(compute({ primary: called(9223372036854775805n) })).toMatchObject({
      outcome: 'apply',
      buffer: 1n,
      target: 9223372036854775807n,
      value: 9223372036854775806n,
      called: true,
    });
    expect(compute({ primary: called(-9223372036854775806n), definition: { increment: -1n } })).toMatchObject(
      {
        outcome: 'apply',
        buffer: 1n,
        target: -9223372036854775808n,
        value: -9223372036854775807n,
        called: true,
      },
    );
  });

  it('that begin beyond the primary leave the standby where it is', () => {
    expect(
      compute({ primary: called(10n), definition: { min: 1_000_000n }, primaryDefinition: { min: 1n } }),
    ).toMatchObject({ outcome: 'keep', standbyNext: 1_000_000n, target: 10_011n });
  });
});

describe('a sequence that is used up', () => {
  it.each([
    [
      'by its own limit',
      { primary: called(32_767n), definition: INT2 },
      32_768n,
      { value: 32_767n, by: 'sequence' },
    ],
    [
      'at the end of bigint',
      { primary: called(9223372036854775807n) },
      9223372036854775808n,
      { value: 9223372036854775807n, by: 'sequence' },
    ],
    [
      'by its column',
      { primary: called(40_000n), columns: [{ type: 'int2' } as const] },
      40_001n,
      { value: 32_767n, by: { type: 'int2' } },
    ],
    [
      'descending',
      { primary: called(-9n), definition: { increment: -1n, min: -9n } },
      -10n,
      { value: -9n, by: 'sequence' },
    ],
    [
      'beyond a standby of smaller values',
      { primary: uncalled(500n), definition: { max: 99n }, primaryDefinition: INT8 },
      500n,
      { value: 99n, by: 'sequence' },
    ],
    [
      'even with a buffer of 0',
      { primary: called(32_767n), definition: INT2, buffer: 0n },
      32_768n,
      { value: 32_767n, by: 'sequence' },
    ],
  ])('%s stays', (_, given, primaryNext, bound) => {
    const result = compute(given);
    expect(result).toEqual({
      outcome: 'exhausted',
      side: 'primary',
      primaryNext,
      standbyNext: result.standbyNext,
      buffer: 0n,
      bound,
      target: null,
      notes: [],
    });
  });

  it('on the standby alone is not taken for one that is ahead', () => {
    expect(compute({ primary: called(10n), standby: called(40_000n), columns: [{ type: 'int2' }] })).toEqual({
      outcome: 'exhausted',
      side: 'standby',
      primaryNext: 11n,
      standbyNext: 40_001n,
      buffer: 0n,
      bound: { value: 32_767n, by: { type: 'int2' } },
      target: null,
      notes: [],
    });
  });

  it('is used up although it would cycle, if its next value is beyond its end', () => {
    expect(compute({ primary: called(32_767n), definition: { ...INT2, cycle: true } })).toMatchObject({
      outcome: 'exhausted',
      notes: [{ kind: 'cycles' }],
    });
    expect(
      compute({ primary: called(5n), standby: called(32_767n), definition: { ...INT2, cycle: true } }),
    ).toMatchObject({ outcome: 'exhausted', side: 'standby' });
  });
});

describe('CYCLE', () => {
  it.each(['primary', 'standby'])('on the %s is bounded like any other, and said', (side) => {
    const result = compute({
      primary: called(32_000n),
      definition: { ...INT2, cycle: side === 'standby' },
      primaryDefinition: { cycle: side === 'primary' },
    });
    expect(result).toMatchObject({ outcome: 'apply', target: 32_384n });
    expect(result.notes).toContainEqual({ kind: 'cycles' });
  });

  describe('beyond its target and near its end', () => {
    const near = {
      ...{ primary: called(300n), standby: called(9_989n), furthest: 300n },
      definition: { max: 9_999n, cycle: true },
    };

    it('needs a person, since it begins again where rows are', () => {
      expect(compute(near)).toMatchObject({
        ...{ outcome: 'outlier', target: 5_150n, from: 9_990n },
        problem: { why: 'nearItsEnd', first: 1n, calls: 10n },
        restart: 'RESTART WITH 5150',
      });
    });

    it.each([
      { but: 'without rows', given: { furthest: undefined } },
      {
        but: 'if no unique index has its column',
        given: { ahead: { from: 9_990n, first: null, unique: false, uniqueAlone: false } },
      },
      { but: 'if a person decided to ignore the rows', given: { rows: 'ignore' as const } },
      { but: 'if half of the buffer is left', given: { standby: called(7_500n) } },
      { but: 'if its target is as near', given: { primary: called(9_980n) } },
      { but: 'without CYCLE', given: { definition: { max: 9_999n } } },
    ])('is kept $but', ({ given }) => {
      const { furthest, ...others } = { ...near, ...given };
      expect(compute({ ...others, ...(furthest === undefined ? {} : { furthest }) })).toMatchObject({
        outcome: 'keep',
      });
    });
  });
});

describe('CACHE', () => {
  it.each([0n, 10_000n])('raises a buffer of %d to a cache for each connection of the primary', (buffer) => {
    expect(compute({ primary: called(1_000n), definition: { cache: 500n }, buffer })).toEqual({
      outcome: 'apply',
      primaryNext: 1_001n,
      standbyNext: 1n,
      buffer: 50_000n,
      target: 51_001n,
      value: 51_000n,
      called: true,
      notes: [{ kind: 'cached', cache: 500n, from: buffer, to: 50_000n }],
    });
  });

  it('leaves a buffer that covers it', () => {
    expect(compute({ primary: called(1_000n), definition: { cache: 20n } })).toMatchObject({
      buffer: 10_000n,
      notes: [{ kind: 'cached', cache: 20n, from: 10_000n, to: 10_000n }],
    });
  });

  it('of the standby alone burns nothing on the primary, but its sessions hold values', () => {
    expect(
      compute({ primary: called(1n), definition: { cache: 500n }, primaryDefinition: { cache: 1n } }),
    ).toMatchObject({
      buffer: 10_000n,
      notes: [{ kind: 'cached', cache: 500n, from: 10_000n, to: 10_000n }],
    });
  });

  it('raises the buffer before the bound reduces it', () => {
    expect(
      compute({ primary: called(32_000n), definition: { ...INT2, cache: 20n }, buffer: 0n }),
    ).toMatchObject({
      buffer: 383n,
      target: 32_384n,
      notes: [
        { kind: 'cached', cache: 20n, from: 0n, to: 2_000n },
        { kind: 'bufferReduced', from: 2_000n, to: 383n, remaining: 767n },
      ],
    });
  });
});

describe('the data floor', () => {
  it('does not touch a target beyond the data', () => {
    expect(compute({ primary: called(10_000n), furthest: 20_000n })).toMatchObject({
      target: 20_001n,
      notes: [],
    });
  });

  it('raises a target that is taken', () => {
    expect(compute({ primary: called(10_000n), furthest: 20_001n })).toMatchObject({
      outcome: 'apply',
      buffer: 10_000n,
      target: 20_002n,
      value: 20_001n,
      called: true,
      notes: [{ kind: 'behindData', furthest: 20_001n, from: 20_001n, to: 20_002n }],
    });
  });

  it.each([
    [10n, 1_001n, 200_000n, 101_011n, 200_001n],
    [10n, 1_001n, 200_001n, 101_011n, 200_011n],
    [-10n, -1_001n, -200_000n, -101_011n, -200_001n],
    [-10n, -1_001n, -200_001n, -101_011n, -200_011n],
  ])('keeps the phase: increment %d, last %d, data to %d', (increment, last, furthest, from, to) => {
    expect(compute({ primary: called(last), definition: { increment }, furthest })).toMatchObject({
      outcome: 'apply',
      target: to,
      notes: [{ kind: 'behindData', furthest, from, to }],
    });
  });

  it('is considered before a standby is kept', () => {
    expect(compute({ primary: called(10_000n), standby: called(30_000n), furthest: 40_000n })).toMatchObject({
      outcome: 'apply',
      target: 40_001n,
    });
    expect(compute({ primary: called(10_000n), standby: called(40_000n), furthest: 40_000n })).toMatchObject({
      outcome: 'keep',
      target: 40_001n,
      notes: [{ kind: 'behindData', furthest: 40_000n, from: 20_001n, to: 40_001n }],
    });
  });

  it('takes a sentinel row for an outlier, and does not move', () => {
    expect(
      compute({ primary: called(10_000n), columns: [{ type: 'int4' }], furthest: 2_147_483_647n }),
    ).toEqual({
      outcome: 'outlier',
      primaryNext: 10_001n,
      standbyNext: 1n,
      buffer: 10_000n,
      target: 20_001n,
      furthest: 2_147_483_647n,
      pastData: 2_147_483_648n,
      from: 20_001n,
      restart: null,
      problem: {
        why: 'noRoom',
        remaining: 0n,
        bound: { value: 2_147_483_647n, by: { type: 'int4' } },
      },
      notes: [],
    });
  });

  it('needs as many calls after the data as the buffer has', () => {
    const columns: ColumnType[] = [{ type: 'int4' }];
    expect(
      compute({ primary: called(10_000n), columns, furthest: 2_147_473_647n, anyJump: true }),
    ).toMatchObject({
      outcome: 'apply',
      target: 2_147_473_648n,
    });
    expect(
      compute({ primary: called(10_000n), columns, furthest: 2_147_473_648n, anyJump: true }),
    ).toMatchObject({
      outcome: 'outlier',
      pastData: 2_147_473_649n,
      problem: { why: 'noRoom', remaining: 9_999n },
    });
  });

  it('takes a row at the bound for an outlier with a buffer of 0, too', () => {
    const definition = { increment: -1n, min: -100n };
    expect(compute({ primary: called(-5n), definition, buffer: 0n, furthest: -100n })).toMatchObject({
      outcome: 'outlier',
      target: -6n,
      pastData: -101n,
      problem: { why: 'noRoom', remaining: 0n },
    });
    expect(compute({ primary: called(-5n), definition, buffer: 0n, furthest: -99n })).toMatchObject({
      outcome: 'apply',
      target: -100n,
    });
  });
});

describe('rows far beyond', () => {
  const int4: ColumnType[] = [{ type: 'int4' }];

  it('are passed without a person as far as the buffer reaches again, or a thousand calls', () => {
    expect(compute({ primary: called(10_000n), furthest: 30_000n })).toMatchObject({ target: 30_001n });
    expect(compute({ primary: called(10_000n), furthest: 30_001n })).toMatchObject({
      outcome: 'outlier',
      target: 20_001n,
      pastData: 30_002n,
      problem: { why: 'farJump', calls: 10_001n },
    });
    expect(compute({ primary: called(10n), buffer: 0n, furthest: 1_010n })).toMatchObject({ target: 1_011n });
    expect(compute({ primary: called(10n), buffer: 0n, furthest: 1_011n })).toMatchObject({
      outcome: 'outlier',
    });
  });

  it('of ids that are the values of the sequence times 50 need a person, who has both ways out', () => {
    const hiLo = { primary: called(900_000n), columns: int4, furthest: 45_000_049n };
    expect(compute(hiLo)).toMatchObject({ outcome: 'outlier', problem: { why: 'farJump' } });
    const ahead = { from: 910_001n, first: 44_000_000n, unique: true, uniqueAlone: true };
    expect(compute({ ...hiLo, ahead })).toMatchObject({ outcome: 'outlier', problem: { why: 'farJump' } });
    // Whether the row is in the way was not read.
    expect(compute({ ...hiLo, ahead, rows: 'ignore' })).toMatchObject({ problem: { why: 'farJump' } });
    const asked = { ...ahead, primaryNextTaken: false };
    expect(compute({ ...hiLo, ahead: asked, rows: 'ignore' })).toMatchObject({
      outcome: 'apply',
      target: 910_001n,
      notes: [{ kind: 'rowsIgnored', furthest: 45_000_049n }],
    });
    expect(compute({ ...hiLo, rows: 'raise' })).toMatchObject({
      outcome: 'apply',
      target: 45_000_050n,
      isBehindRows: true,
    });
  });

  it('are no obstacle to a standby that is past them already', () => {
    expect(
      compute({ primary: called(10_000n), standby: called(5_000_000n), furthest: 5_000_000n }),
    ).toMatchObject({
      outcome: 'keep',
      target: 5_000_001n,
    });
    expect(
      compute({
        primary: called(10_000n),
        columns: int4,
        standby: called(2_147_483_640n),
        furthest: 2_147_483_640n,
      }),
    ).toMatchObject({ outcome: 'keep' });
  });

  it('can be passed to the last call, if a person says so, and never beyond', () => {
    const near = { primary: called(10_000n), columns: int4, rows: 'raise' as const };
    expect(compute({ ...near, furthest: 2_147_483_646n })).toMatchObject({
      outcome: 'apply',
      target: 2_147_483_647n,
    });
    expect(compute({ ...near, furthest: 2_147_483_647n })).toMatchObject({ outcome: 'outlier' });
  });

  it('are not ignored before the first of them was read, nor if it is in the way of a unique column', () => {
    const mixed = {
      primary: called(900_000n),
      columns: int4,
      furthest: 45_000_049n,
      rows: 'ignore' as const,
    };
    expect(compute(mixed)).toMatchObject({ outcome: 'outlier', from: 910_001n });
    const at = (first: bigint, unique = true) => ({
      primaryNextTaken: false,
      from: 910_001n,
      first,
      unique,
      uniqueAlone: unique,
    });
    expect(compute({ ...mixed, ahead: at(910_005n) })).toMatchObject({
      outcome: 'outlier',
      problem: { why: 'inTheWay', first: 910_005n, calls: 4n },
    });
    expect(compute({ ...mixed, ahead: at(915_000n) })).toMatchObject({ outcome: 'outlier' });
    expect(compute({ ...mixed, ahead: at(915_001n) })).toMatchObject({ outcome: 'apply', target: 910_001n });
    expect(compute({ ...mixed, ahead: at(910_005n, false) })).toMatchObject({ outcome: 'apply' });
    // The primary would give this id twice, so the ids are computed from the values of the sequence.
    const computed = { ...at(910_001n), primaryNextTaken: true };
    expect(compute({ ...mixed, ahead: computed })).toMatchObject({ outcome: 'apply', target: 910_001n });
    const unread = { from: 910_001n, first: null, unique: false, uniqueAlone: false, unread: true } as const;
    expect(compute({ ...mixed, ahead: unread })).toMatchObject({ outcome: 'apply', target: 910_001n });
  });

  it('that are ignored do not count as rows that the standby is behind of', () => {
    const result = compute({
      primary: called(10n),
      standby: called(10_010n),
      furthest: 900_000n,
      ahead: { from: 10_011n, first: 900_000n, unique: true, uniqueAlone: true, primaryNextTaken: false },
      rows: 'ignore',
    });
    expect(result).toMatchObject({ outcome: 'keep', target: 10_011n });
    expect(result).not.toHaveProperty('isBehindRows');
  });
});

describe('a sequence that went round', () => {
  const min = -2_147_483_648n;
  const integer = { min, max: 2_147_483_647n, start: 1n };
  const restarted = { primary: called(min + 499n), definition: integer, standby: uncalled(1n) };

  it.each([
    ['rows of the whole range before', 1n],
    ['a single row at the end', 2_147_483_647n],
    ['no row on the standby', null],
  ])('is set as the primary asks: an integer restarted at its minimum, with %s', (_, first) => {
    const standby = uncalled(min);
    const given = { ...restarted, standby, furthest: 2_147_483_647n };
    expect(compute(given)).toMatchObject({ outcome: 'outlier', from: min + 10_500n });
    const result = compute({
      ...given,
      ahead: { from: min + 10_500n, first, unique: true, uniqueAlone: true },
    });
    expect(result).toMatchObject({ outcome: 'apply', target: -2_147_473_148n });
    expect(result.notes).toMatchObject([{ kind: 'rowsBeforeWrap', first }]);
    expect(result).not.toHaveProperty('isBehindRows');
  });

  it('shows by many rows far ahead, where its START was moved as well; a single one may be a sentinel', () => {
    const given = {
      ...restarted,
      standby: uncalled(min),
      definition: { ...integer, start: min },
      furthest: 2_147_483_647n,
    };
    const ahead = { from: min + 10_500n, unique: true, uniqueAlone: true };
    expect(compute({ ...given, ahead: { ...ahead, first: 1n } })).toMatchObject({ outcome: 'apply' });
    expect(compute({ ...given, ahead: { ...ahead, first: 2_147_483_647n } })).toMatchObject({
      outcome: 'outlier',
      problem: { why: 'noRoom' },
    });
  });

  it('is looked at from where the standby stands, if that is further on', () => {
    const result = compute({ ...restarted, furthest: 2_147_483_647n });
    expect(result).toMatchObject({ outcome: 'outlier', from: 1n });
    const ahead = { from: 1n, first: 1n, unique: true, uniqueAlone: true };
    expect(compute({ ...restarted, furthest: 2_147_483_647n, ahead })).toMatchObject({
      outcome: 'outlier',
      problem: { why: 'inTheWay', first: 1n, calls: 0n },
      restart: 'RESTART WITH -2147473148',
    });
    const narrow = { ...input({ ...restarted, furthest: 2_147_483_647n, ahead }) };
    narrow.standby = { position: uncalled(1n), definition: define({ max: 2_147_483_647n }) };
    expect(computeTarget(narrow)).toMatchObject({
      restart: 'MINVALUE -2147483648 RESTART WITH -2147473148',
    });
  });

  const cycling = {
    primary: called(300n),
    definition: { min: 1n, max: 9_999n, cycle: true },
    furthest: 9_999n,
  };

  it.each([
    ['at the end of the range', 9_000n, true],
    ['wherever they are, if the column may repeat', 5_150n, false],
  ])('is set half way to its end, with rows of yesterday %s', (_, first, unique) => {
    const ahead = { from: 5_150n, first, unique, uniqueAlone: unique };
    expect(compute({ ...cycling, ahead })).toMatchObject({
      outcome: 'apply',
      buffer: 4_849n,
      target: 5_150n,
    });
  });

  it.each([
    [5_150n + 2_424n, 'outlier'],
    [5_150n + 2_425n, 'apply'],
  ])('needs half of the buffer before a row of a unique column: %s', (first, outcome) => {
    const ahead = { from: 5_150n, first, unique: true, uniqueAlone: true };
    expect(compute({ ...cycling, ahead })).toMatchObject({ outcome });
  });

  it('stops before a row that it would soon repeat in a unique column', () => {
    const ahead = { from: 5_150n, first: 6_000n, unique: true, uniqueAlone: true };
    expect(compute({ ...cycling, ahead })).toMatchObject({
      outcome: 'outlier',
      problem: { why: 'inTheWay', first: 6_000n, calls: 850n },
    });
    expect(
      compute({ ...cycling, ahead: { ...ahead, primaryNextTaken: false }, rows: 'ignore' }),
    ).toMatchObject({ outcome: 'outlier', problem: { isIgnored: true } });
  });
});

describe('a phase of its own', () => {
  const definition = { increment: 100n };
  const own = (standby: Position, start: bigint, last = 1_001n) =>
    computeTarget({
      ...input({ primary: called(last), definition: { ...definition, start: 1n } }),
      standby: { position: standby, definition: define({ ...definition, start }) },
    });

  it.each([
    ['another START', uncalled(2n), 2n, 1_001_102n],
    ['another START, and used', called(102n), 2n, 1_001_102n],
    ['another position', called(7n), 1n, 1_001_107n],
  ])('is kept: %s', (_, standby, start, target) => {
    const result = own(standby, start);
    expect(result).toMatchObject({
      outcome: 'apply',
      target,
      value: target - 100n,
      called: true,
      buffer: 10_000n,
    });
    expect(result.notes).toMatchObject([{ kind: 'ownPhase', primary: 1_101n }]);
  });

  it.each([
    ['a copy of the schema', uncalled(1n), 1n],
    ['a copy of the schema, synchronized', called(301n), 1n],
    ['a START in the same phase', uncalled(501n), 501n],
    ['a START far from the primary’s', uncalled(507n), 507n],
  ])('is not: %s', (_, standby, start) => {
    expect(own(standby, start)).toMatchObject({ outcome: 'apply', target: 1_001_101n, notes: [] });
  });

  it('does not follow from a START that is nothing but another minimum', () => {
    const standby = { position: uncalled(10_001n), definition: define({ ...definition, min: 10_001n }) };
    expect(computeTarget({ ...input({ primary: called(5n), definition }), standby })).toMatchObject({
      target: 1_000_105n,
      notes: [],
    });
  });

  it('does not follow from a primary that was restarted in another phase', () => {
    expect(own(uncalled(1n), 1n, 1_055n)).toMatchObject({ target: 1_001_155n, notes: [] });
  });

  it('is used up where its next value lies beyond the bound, although the primary has one left', () => {
    const bounded = { ...definition, max: 1_150n };
    const standby = { position: uncalled(60n), definition: define({ ...bounded, start: 60n }) };
    expect(
      computeTarget({ ...input({ primary: called(1_001n), definition: bounded }), standby }),
    ).toMatchObject({
      outcome: 'exhausted',
      side: 'primary',
    });
  });
});

describe('a standby that is further on', () => {
  it('is kept at the target, and set one call before it', () => {
    expect(compute({ primary: called(10_000n), standby: called(20_000n) })).toEqual({
      outcome: 'keep',
      primaryNext: 10_001n,
      standbyNext: 20_001n,
      buffer: 10_000n,
      target: 20_001n,
      notes: [],
    });
    expect(compute({ primary: called(10_000n), standby: called(19_999n) })).toMatchObject({
      outcome: 'apply',
    });
  });

  it('is kept in the direction of a descending sequence', () => {
    const definition = { increment: -1n };
    expect(compute({ primary: called(-500n), standby: called(-20_000n), definition })).toMatchObject({
      outcome: 'keep',
      standbyNext: -20_001n,
      target: -10_501n,
    });
  });

  it('is kept near the bound, which is said', () => {
    expect(
      compute({ primary: called(10n), standby: called(32_760n), definition: INT2, buffer: 100n }),
    ).toMatchObject({
      outcome: 'keep',
      notes: [
        {
          ...{ kind: 'standbyNearBound', next: 32_761n, remaining: 7n },
          bound: { value: 32_767n, by: 'sequence' },
        },
      ],
    });
  });
});

describe('input that has no target', () => {
  const valid = input({ primary: called(1n) });

  it('is refused: increments that differ', () => {
    const standby = { ...valid.standby, definition: define({ increment: -1n }) };
    expect(() => computeTarget({ ...valid, standby })).toThrow(
      new RangeError(
        'increment is 1 on the primary, -1 on the standby: sequences whose increments differ have no target',
      ),
    );
  });

  it('is refused: an increment of 0, a negative buffer, negative connections', () => {
    const still = { ...valid.primary, definition: { ...define(), increment: 0n } };
    expect(() => computeTarget({ ...valid, primary: still, standby: still })).toThrow(RangeError);
    expect(() => computeTarget({ ...valid, buffer: -1n })).toThrow(RangeError);
    expect(() => computeTarget({ ...valid, primaryMaxConnections: -1n })).toThrow(RangeError);
  });
});

it('a target is blocked if nothing can be set', () => {
  const full = compute({ primary: called(32_767n), definition: INT2 });
  expect([full.outcome, isBlocked(full)]).toEqual(['exhausted', true]);
  const far = compute({ primary: called(1n), furthest: 9_000_000_000n });
  expect([far.outcome, isBlocked(far)]).toEqual(['outlier', true]);
  expect(isBlocked(compute({ primary: called(1n) }))).toBe(false);
});

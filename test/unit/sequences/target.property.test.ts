import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tightestBound } from '../../../src/sequences/bounds.js';
import { headroom, isAhead } from '../../../src/sequences/headroom.js';
import type { RowsAhead } from '../../../src/sequences/rows.js';
import { atOrBeyond, callsUntil, nextValue } from '../../../src/sequences/sequence.js';
import type { ColumnType, Definition, Position } from '../../../src/sequences/sequence.js';
import { computeTarget, type SequenceState, type TargetInput } from '../../../src/sequences/target.js';

const MAX = 2n ** 63n - 1n;

/** Small, around the limits of the integer types, and anywhere: small ones make the sides meet. */
const value = fc
  .oneof(
    fc.bigInt(-60n, 60n),
    fc
      .tuple(
        fc.constantFrom(0n, 2n ** 15n, 2n ** 31n, 2n ** 53n, MAX, -(2n ** 15n), -(2n ** 31n), -MAX),
        fc.bigInt(-60n, 60n),
      )
      .map(([around, by]) => around + by),
    fc.bigInt(-MAX, MAX),
  )
  .map((any) => (any > MAX ? MAX : any < -MAX ? -MAX : any));

const step = value.filter((any) => any !== 0n);

const side = (increment: bigint): fc.Arbitrary<SequenceState> =>
  fc
    .tuple(value, value, fc.nat(), fc.boolean(), fc.boolean(), fc.constantFrom(1n, 1n, 1n, 20n))
    .filter(([one, other]) => one !== other)
    .chain(([one, other, , isCalled, cycle, cache]) => {
      const [min, max] = one < other ? [one, other] : [other, one];
      const lastValue = fc.oneof(fc.bigInt(min, max), fc.constantFrom(min, max));
      const start = fc.constantFrom(increment > 0n ? min : max, min, max);
      return fc.tuple(lastValue, start).map(([last, from]): SequenceState => {
        const definition: Definition = { increment, min, max, cache, cycle, start: from };
        return { position: { lastValue: last, isCalled }, definition };
      });
    });

const column: fc.Arbitrary<ColumnType> = fc.oneof(
  fc.constantFrom('int2', 'int4', 'int8').map((type) => ({ type }) as const),
  fc.record({
    type: fc.constant('numeric' as const),
    precision: fc.integer({ min: 1, max: 25 }),
    scale: fc.integer({ min: -3, max: 5 }),
  }),
);

const anyInput: fc.Arbitrary<TargetInput> = step.chain((increment) =>
  fc.record({
    primary: side(increment),
    standby: side(increment),
    columns: fc.array(column, { maxLength: 2 }),
    buffer: fc.oneof(fc.constantFrom(0n, 1n, 10_000n), fc.bigInt(0n, 60n), fc.bigInt(0n, MAX)),
    primaryMaxConnections: fc.constantFrom(1n, 100n),
    furthest: fc.option(value),
    ahead: fc.option<RowsAhead>(
      fc.record({
        from: value,
        first: fc.option(value),
        unique: fc.boolean(),
        uniqueAlone: fc.boolean(),
        primaryNextTaken: fc.boolean(),
      }),
    ),
    rows: fc.constantFrom(null, null, 'raise', 'ignore'),
    anyJump: fc.boolean(),
  }),
);

/** What the server does: https://www.postgresql.org/docs/current/functions-sequence.html */
function setval(definition: Definition, lastValue: bigint, isCalled: boolean): Position {
  if (lastValue < definition.min || lastValue > definition.max) throw new Error('value is out of bounds');
  return { lastValue, isCalled };
}

/** The input after the computed setval, or as it was where there is none. */
function afterwards(input: TargetInput): TargetInput {
  const result = computeTarget(input);
  if (result.outcome !== 'apply') return input;
  const position = setval(input.standby.definition, result.value, result.called);
  return { ...input, standby: { ...input.standby, position } };
}

const always = (property: (input: TargetInput) => void) => {
  fc.assert(fc.property(anyInput, property), { numRuns: 5_000 });
};

describe('a computed target', () => {
  it('reaches every outcome in these tests', () => {
    const outcomes = fc
      .sample(anyInput, { numRuns: 3_000, seed: 1 })
      .map((input) => computeTarget(input).outcome);
    expect([...new Set(outcomes)].sort()).toEqual(['apply', 'exhausted', 'keep', 'outlier']);
  });

  it('is what the standby returns next after the setval, which the server accepts', () => {
    always((input) => {
      const result = computeTarget(input);
      if (result.outcome !== 'apply') return;
      const { position, definition } = afterwards(input).standby;
      expect(nextValue(position, definition.increment)).toBe(result.target);
    });
  });

  it('never lowers, in the direction of the sequence', () => {
    always((input) => {
      const { increment } = input.standby.definition;
      const before = nextValue(input.standby.position, increment);
      const after = nextValue(afterwards(input).standby.position, increment);
      expect(atOrBeyond(after, before, increment)).toBe(true);
    });
  });

  it('keeps the phase of the primary, or the standby’s own, which is said', () => {
    always((input) => {
      const { target, primaryNext, standbyNext, notes } = computeTarget(input);
      if (target === null) return;
      const own = notes.some(({ kind }) => kind === 'ownPhase');
      const member = own ? standbyNext : primaryNext;
      expect((target - member) % input.primary.definition.increment).toBe(0n);
    });
  });

  it('keeps the phase in which a standby stands that was ever moved', () => {
    always((input) => {
      const { target, standbyNext } = computeTarget(input);
      const { position, definition } = input.standby;
      if (target === null || (!position.isCalled && position.lastValue === definition.start)) return;
      expect((target - standbyNext) % definition.increment).toBe(0n);
    });
  });

  it('leaves at least the effective buffer in calls up to the bound unless a person moves it past rows, and at least one', () => {
    always((input) => {
      const result = computeTarget(input);
      if (result.outcome !== 'apply') return;
      const { definition } = input.standby;
      const bound = tightestBound(definition, input.columns).value;
      const left = callsUntil(bound, result.target, definition.increment);
      expect(left >= 1n && (left >= result.buffer || input.rows === 'raise')).toBe(true);
      expect(result.target >= definition.min && result.target <= definition.max).toBe(true);
    });
  });

  it('is ahead of the primary, and past the data that counts, once applied or kept', () => {
    always((input) => {
      const result = computeTarget(input);
      if (result.outcome === 'exhausted' || result.outcome === 'outlier') return;
      const { increment } = input.standby.definition;
      const next = nextValue(afterwards(input).standby.position, increment);
      const calls = headroom(next, result.primaryNext, increment);
      expect(calls >= result.buffer && isAhead(calls, result.buffer)).toBe(true);
      const passedBy = result.notes.some(({ kind }) => kind === 'rowsIgnored' || kind === 'rowsBeforeWrap');
      if (input.furthest !== null && !passedBy)
        expect(atOrBeyond(input.furthest, next, increment)).toBe(false);
    });
  });

  it('is kept when computed again after it was applied, and the result is otherwise the same', () => {
    always((input) => {
      const result = computeTarget(input);
      const again = computeTarget(afterwards(input));
      if (result.outcome !== 'apply') {
        expect(again).toEqual(result);
        return;
      }
      const { primaryNext, buffer, target, notes } = result;
      expect(again).toEqual({ outcome: 'keep', primaryNext, standbyNext: target, buffer, target, notes });
    });
  });

  it('has a buffer that is the one asked for, or has a note that says why not', () => {
    always((input) => {
      const result = computeTarget(input);
      if (result.outcome === 'exhausted') return;
      const changes = result.notes.flatMap((note) =>
        note.kind === 'cached' || note.kind === 'bufferReduced' ? [[note.from, note.to]] : [],
      );
      const last = changes.reduce((buffer, [from, to]) => {
        expect(from).toBe(buffer);
        return to ?? buffer;
      }, input.buffer);
      expect(result.buffer).toBe(last);
      expect(result.notes.some(({ kind }) => kind === 'noHeadroom')).toBe(result.buffer === 0n);
    });
  });

  it('is the mirror image for the mirrored sequence', () => {
    const mirrorSide = ({ position, definition }: SequenceState): SequenceState => ({
      position: { ...position, lastValue: -position.lastValue },
      definition: {
        ...definition,
        increment: -definition.increment,
        min: -definition.max,
        max: -definition.min,
        start: -(definition.start ?? 0n),
      },
    });
    always((given) => {
      // int2, int4 and int8 reach one further down than up.
      const input = { ...given, columns: given.columns.filter(({ type }) => type === 'numeric') };
      const mirrored = computeTarget({
        ...input,
        primary: mirrorSide(input.primary),
        standby: mirrorSide(input.standby),
        furthest: input.furthest === null ? null : -input.furthest,
        ahead: input.ahead
          ? {
              from: -input.ahead.from,
              first: input.ahead.first === null ? null : -input.ahead.first,
              unique: input.ahead.unique,
              uniqueAlone: input.ahead.uniqueAlone,
              primaryNextTaken: input.ahead.primaryNextTaken === true,
            }
          : null,
      });
      const result = computeTarget(input);
      expect(mirrored).toMatchObject({
        outcome: result.outcome,
        primaryNext: -result.primaryNext,
        standbyNext: -result.standbyNext,
        target: result.target === null ? null : -result.target,
        buffer: result.buffer,
      });
      if (result.outcome === 'apply') {
        expect(mirrored).toMatchObject({ value: -result.value, called: result.called });
      }
      expect(mirrored.notes.map(({ kind }) => kind)).toEqual(result.notes.map(({ kind }) => kind));
    });
  });

  it('moves by exactly as much as the primary, far above 2^53 too', () => {
    const plain = fc.record({
      last: fc.bigInt(1n, 2n ** 62n),
      by: fc.bigInt(1n, 2n ** 52n),
      buffer: fc.bigInt(0n, 2n ** 60n),
    });
    fc.assert(
      fc.property(plain, ({ last, by, buffer }) => {
        const definition: Definition = { increment: 1n, min: 1n, max: MAX, cache: 1n, cycle: false };
        const targetAt = (lastValue: bigint) =>
          computeTarget({
            primary: { position: { lastValue, isCalled: true }, definition },
            standby: { position: { lastValue: 1n, isCalled: false }, definition },
            columns: [],
            buffer,
            primaryMaxConnections: 100n,
            furthest: null,
          }).target;
        expect(targetAt(last)).toBe(last + 1n + buffer);
        expect(targetAt(last + by)).toBe(last + by + 1n + buffer);
      }),
    );
  });
});

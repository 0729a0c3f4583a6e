import { expect, it } from 'vitest';
import { moreRoomRemedy } from '../../../../src/planning/remedies/more-room.js';
import type { StandbySequence } from '../../../../src/planning/standby-sequence.js';
import type { PrimaryOrPresumed } from '../../../../src/steps/rows.js';
import type { Target, TargetNote } from '../../../../src/sequences/target.js';

const definition = { increment: 1n, min: 1n, max: 5_000n, start: 1n, cache: 1n, cycle: false };
const standby = { sequence: 'public.s', definition, feeds: [] } as unknown as StandbySequence;
const note = {
  ...{ kind: 'bufferReduced', from: 10_000n, to: 1_000n },
  bound: { by: 'sequence', value: 5_000n },
} as unknown as TargetNote;
const target = { primaryNext: 3_001n, buffer: 1_000n, notes: [note] } as unknown as Target;
const remedyWith = (max: string) =>
  moreRoomRemedy(note, target, { increment: '1', min: '1', max } as PrimaryOrPresumed, standby, null);

it('advises no change of the primary if only the standby has the lower limit', () => {
  expect(remedyWith('32767')).toBe(
    'plan for more room, as the primary has it: on the standby, as the owner or a superuser: ALTER SEQUENCE public.s AS bigint MAXVALUE 32767;',
  );
});

it('advises the same change to the primary if its limit is too low as well', () => {
  expect(remedyWith('6000')).toBe(
    'plan for more room, with the same change to the primary, since rows beyond its limits could not travel back after a promotion: on the standby, as the owner or a superuser: ALTER SEQUENCE public.s AS bigint MAXVALUE 9223372036854775807;',
  );
});

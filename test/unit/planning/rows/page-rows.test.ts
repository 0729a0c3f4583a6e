import { expect, it } from 'vitest';
import type { PrimarySequence } from '../../../../src/steps/rows.js';
import { rowWithoutTarget } from '../../../../src/planning/rows/page-rows.js';
import type { StandbySequence } from '../../../../src/planning/standby-sequence.js';

const definition = { increment: -5n, min: -100n, max: -1n, cache: 1n, cycle: false };
const primary: PrimarySequence = {
  ...{ schema: 'public', name: 'a', sequence: 'public.a', oid: 1 },
  ...{ increment: '-5', min: '-100', max: '-1', cache: '1', last: '-6', called: true },
};
const standby: StandbySequence = {
  ...{ schema: 'public', name: 'a', sequence: 'public.a', oid: 2, definition },
  ...{ temporary: false, unlogged: false, extension: null, grantsToSet: null, feeds: [] },
  ...{ furthest: null, dataNotChecked: null, reading: { position: { lastValue: -1n, isCalled: false } } },
};
const problem = { code: 'READ_FAILED', reason: 'gone', remedy: '' } as const;
const unread: PrimarySequence = {
  ...{ schema: 'public', name: 'a', sequence: 'public.a', oid: 1 },
  ...{ increment: '-5', min: '-100', max: '-1', cache: '1', problem },
};

it.each([
  ['both sides', primary, standby, '-11', '-1'],
  ['the primary alone', primary, undefined, '-11', null],
  ['the standby alone', undefined, standby, null, '-1'],
  ['the standby, where the primary could not be read', unread, standby, null, '-1'],
  [
    'the primary, where the standby could not be read',
    primary,
    { ...standby, reading: { problem } },
    '-11',
    null,
  ],
] as const)('a row that failed has what was read on %s', (_, primary, standby, primaryNext, standbyNext) => {
  expect(rowWithoutTarget(primary, standby, 'failed', 'why')).toEqual({
    ...{ sequence: 'public.a', outcome: 'failed', reason: 'why', target: null, buffer: null },
    ...{ primaryNext, standbyBefore: standbyNext, standbyNext },
    ...(primary === undefined ? {} : { primaryOid: 1 }),
    ...(standby === undefined ? {} : { oid: 2 }),
  });
});

it('a row that was skipped has no values: nobody asked for them', () => {
  expect(rowWithoutTarget(primary, standby, 'skipped', 'excluded')).toMatchObject({
    ...{ primaryNext: null, standbyBefore: null, standbyNext: null },
  });
});

import { expect, it } from 'vitest';
import {
  sequencesToReadOnPrimary,
  type PrimaryWithFeeds,
} from '../../../../src/planning/rows/covered-rows.js';
import type { StandbyFeed, StandbySequence } from '../../../../src/planning/standby-sequence.js';

const sequence: PrimaryWithFeeds = {
  schema: 'public',
  name: 's',
  definition: { increment: 1n },
  feeds: [{ column: 'public.t.id', isAlone: true }],
};

const feed: StandbyFeed = {
  ...{ column: 'public.t.id', oid: 1, attnum: 1, name: 'id', plain: true, via: 'identity', type: 'int8' },
  ...{ limits: [], isAlone: true, subscribed: true, logged: true },
};

const namesake: StandbySequence = {
  ...{ schema: 'public', name: 's', sequence: 'public.s', oid: 2, furthest: null, dataNotChecked: null },
  ...{ temporary: false, unlogged: false, extension: null, grantsToSet: null, feeds: [feed] },
  definition: { increment: 1n, min: 1n, max: 9n, cache: 1n, cycle: false },
  reading: { position: { lastValue: 1n, isCalled: true } },
};

const isLookedAt = (standby: StandbySequence[], primary = sequence) =>
  sequencesToReadOnPrimary([primary], standby).length === 1;

it('leaves out what the standby has all rows of', () => {
  expect(isLookedAt([namesake])).toBe(false);
});

it.each<[string, StandbySequence[], PrimaryWithFeeds?]>([
  ['no sequence of the name', [{ ...namesake, name: 'another' }]],
  ['rows that were not looked at', [{ ...namesake, dataNotChecked: { reason: 'locked', remedy: 'wait' } }]],
  ['another direction', [{ ...namesake, definition: { ...namesake.definition, increment: -1n } }]],
  ['a table that no subscription writes to', [{ ...namesake, feeds: [{ ...feed, subscribed: false }] }]],
  ['an unlogged table', [{ ...namesake, feeds: [{ ...feed, logged: false }] }]],
  ['a table with others below it', [{ ...namesake, feeds: [{ ...feed, isAlone: false }] }]],
  ['a column of another type', [{ ...namesake, feeds: [{ ...feed, type: null }] }]],
  ['values that are computed', [{ ...namesake, feeds: [{ ...feed, via: 'default', plain: false }] }]],
  ['another column', [{ ...namesake, feeds: [{ ...feed, column: 'public.t.no' }] }]],
  [
    'a partition on the primary',
    [namesake],
    { ...sequence, feeds: [{ column: 'public.t.id', isAlone: false }] },
  ],
  [
    'one column more on the primary',
    [namesake],
    { ...sequence, feeds: [...sequence.feeds, { column: 'public.t.no', isAlone: true }] },
  ],
])('looks at the primary’s rows where the standby has %s', (_, standby, primary) => {
  expect(isLookedAt(standby, primary)).toBe(true);
});

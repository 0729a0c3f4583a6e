import { expect, it } from 'vitest';
import type { StandbySequence } from '../../../../src/planning/standby-sequence.js';
import {
  behindLastReading,
  consumptionLasts,
  goneFromStandby,
  neverCompared,
  vanishedFromStandby,
} from '../../../../src/planning/sequence/verification-findings.js';

const sequence: StandbySequence = {
  ...{ schema: 'public', name: 's', sequence: 'public.s', oid: 2 },
  definition: { increment: 1n, min: 1n, max: 1_000n, cache: 1n, cycle: false },
  ...{ temporary: false, unlogged: false, extension: null, grantsToSet: null, feeds: [], furthest: null },
  ...{ dataNotChecked: null, reading: { position: { lastValue: 1n, isCalled: false } } },
};
const dropped = { sequence: 'public.s', renamedTo: null };
const reading = { primaryNext: 50n, buffer: 10n };
const facts = { reading, back: null, takenBy: null };

it('gives the columns of a dropped sequence the defaults that the ledger has', () => {
  const { remedy } = vanishedFromStandby(dropped, {
    ...facts,
    definition: {
      definition: 'INCREMENT BY 2',
      feeds: ['public.t.id'],
      defaults: { 'public."T".no': "('X-'::text || nextval('public.s'::regclass))" },
    },
  });
  expect(remedy).toBe(
    'on the standby, as the owner of the tables or a superuser: CREATE SEQUENCE public.s INCREMENT BY 2; ' +
      "ALTER TABLE public.t ALTER COLUMN id SET DEFAULT nextval('public.s'); " +
      `ALTER TABLE public."T" ALTER COLUMN no SET DEFAULT ('X-'::text || nextval('public.s'::regclass)); ` +
      "SELECT setval('public.s', 70, false); the next recheck compares it with its rows, and the block that remains can be accepted by its name",
  );
});

it('says that an older version did not record defaults that are more than nextval', () => {
  const definition = { definition: '', feeds: ['public.t.id'], defaults: null };
  const { remedy } = vanishedFromStandby(dropped, { ...facts, definition });
  expect(remedy).toContain("ALTER TABLE public.t ALTER COLUMN id SET DEFAULT nextval('public.s');");
  expect(remedy).toContain('did not record defaults that are more than nextval');
});

it('says why the definition of a dropped sequence is not known', () => {
  const remedyIf = (unread: string | null) =>
    vanishedFromStandby(dropped, { ...facts, definition: { unread } }).remedy;
  expect(remedyIf(null)).toContain('with the INCREMENT BY that it had: CREATE SEQUENCE public.s;');
  expect(remedyIf(null)).toContain('unless its default was more than that');
  expect(remedyIf('the server is down.')).toContain(
    'with the INCREMENT BY that it had (the ledger could not be read: the server is down): CREATE SEQUENCE public.s;',
  );
});

it('brings a dropped sequence back after the one that has taken its name', () => {
  const { remedy } = vanishedFromStandby(dropped, {
    ...{ reading, back: null, takenBy: 'public.other' },
    definition: { unread: null },
  });
  expect(remedy).toMatch(/^first rename public\.other back, which has its name; then on the standby, /u);
});

it.each([
  ['past its rows', 900n, 1n, '1', 'greatest(900, 59, pg_sequence_last_value(s))'],
  ['past the last reading and the buffer', 5n, 1n, '1', 'greatest(5, 59, pg_sequence_last_value(s))'],
  ['past the last reading, without rows', null, 1n, '1', 'greatest(59, pg_sequence_last_value(s))'],
  ['down', -5n, -2n, '-900', 'least(-5, 32, pg_sequence_last_value(s))'],
  ['within its limits', 5n, 1n, '70', 'greatest(5, pg_sequence_last_value(s))'],
])('sets a sequence that was created anew %s', (_, furthest, increment, min, set) => {
  const definition = { increment, min: BigInt(min), max: 1_000n, cache: 1n, cycle: false };
  const { remedy } = neverCompared({ ...sequence, furthest, definition }, reading);
  expect(remedy).toContain(`SELECT setval(s, ${set}) FROM to_regclass('public.s') s;`);
});

it.each([
  [[7], '1 sequence that was ahead when the primary was last read is no longer on the standby (oid 7)'],
  [
    [7, 8],
    '2 sequences that were ahead when the primary was last read are no longer on the standby (oid 7, 8)',
  ],
])('says how many sequences are gone from the standby: %j', (oids, message) => {
  expect(goneFromStandby(oids)).toMatchObject({ count: oids.length, message });
});

it.each([
  [3n, 2],
  [4n, 2],
  [1n, 1],
])('asks for half of a buffer of %s after the last reading, rounded up: %s', (buffer, least) => {
  const { message, sequence: name } = behindLastReading('public.s', -1n, buffer);
  expect(message).toContain(`it has to be at least ${least} ahead (half of its buffer of ${buffer})`);
  expect(name).toBe('public.s');
});

it('a sequence that was never compared is named', () => {
  expect(neverCompared(sequence)).toMatchObject({ code: 'NOT_AHEAD', sequence: 'public.s' });
});

it('says how long the headroom lasts, or that none is left', () => {
  const rate = { calls: 10n, elapsedMs: 1_000n };
  const lasts = (headroom: bigint) => consumptionLasts('public.s', headroom, rate).message;
  expect(lasts(600n)).toMatch(/the headroom lasts 1 minute|the headroom lasts 60 seconds/u);
  expect(lasts(0n)).toMatch(/no headroom is left$/u);
});

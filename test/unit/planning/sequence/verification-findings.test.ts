import { expect, it } from 'vitest';
import {
  goneFromStandby,
  vanishedFromStandby,
} from '../../../../src/planning/sequence/verification-findings.js';

const dropped = { sequence: 'public.s', renamedTo: null };
const reading = { primaryNext: 50n, buffer: 10n };

it('gives the columns of a dropped sequence the defaults that the ledger has', () => {
  const { remedy } = vanishedFromStandby(dropped, reading, {
    definition: 'INCREMENT BY 2',
    feeds: ['public.t.id'],
    defaults: { 'public."T".no': "('X-'::text || nextval('public.s'::regclass))" },
  });
  expect(remedy).toBe(
    'on the standby, as the owner of the tables or a superuser: CREATE SEQUENCE public.s INCREMENT BY 2; ' +
      "ALTER TABLE public.t ALTER COLUMN id SET DEFAULT nextval('public.s'); " +
      `ALTER TABLE public."T" ALTER COLUMN no SET DEFAULT ('X-'::text || nextval('public.s'::regclass)); ` +
      "SELECT setval('public.s', 70, false); the next recheck compares it with its rows, and the block that remains can be accepted by its name",
  );
});

it('says that an older version did not record defaults that are more than nextval', () => {
  const known = { definition: '', feeds: ['public.t.id'], defaults: null };
  const { remedy } = vanishedFromStandby(dropped, reading, known);
  expect(remedy).toContain("ALTER TABLE public.t ALTER COLUMN id SET DEFAULT nextval('public.s');");
  expect(remedy).toContain('did not record defaults that are more than nextval');
});

it('says why the definition of a dropped sequence is not known', () => {
  const remedyIf = (unread: string | null) => vanishedFromStandby(dropped, reading, { unread }).remedy;
  expect(remedyIf(null)).toContain('with the INCREMENT BY that it had: CREATE SEQUENCE public.s;');
  expect(remedyIf(null)).toContain('unless its default was more than that');
  expect(remedyIf('the server is down.')).toContain(
    'with the INCREMENT BY that it had (the ledger could not be read: the server is down): CREATE SEQUENCE public.s;',
  );
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

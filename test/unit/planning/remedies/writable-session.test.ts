import { describe, expect, it } from 'vitest';
import {
  inWritableSession,
  findingsInWritableSession,
} from '../../../../src/planning/remedies/writable-session.js';
import { examples } from '../../findings/examples.js';

const writable = 'SET default_transaction_read_only TO off; SET transaction_read_only TO off;';

it.each([
  [
    'as a superuser on the standby: GRANT a TO b;',
    `as a superuser on the standby: ${writable} GRANT a TO b;`,
  ],
  [
    'on the standby, as the owner (it is down: no more): CREATE SEQUENCE s; and for each column: ALTER TABLE t;',
    `on the standby, as the owner (it is down: no more): ${writable} CREATE SEQUENCE s; and for each column: ALTER TABLE t;`,
  ],
  [
    'on the primary: GRANT a TO b; then on the standby, where it is empty: DROP TABLE t;',
    `on the primary: GRANT a TO b; then on the standby, where it is empty: ${writable} DROP TABLE t;`,
  ],
  ['on the primary likewise: ALTER TABLE t;', `on the primary likewise: ${writable} ALTER TABLE t;`],
  [
    'if they must be unique, on both sides: ALTER TABLE t;',
    `if they must be unique, on both sides: ${writable} ALTER TABLE t;`,
  ],
  ['as its owner: ALTER TABLE t;', `as its owner: ${writable} ALTER TABLE t;`],
  [
    'on the standby: SET default_transaction_read_only = off; DROP TABLE t;',
    'on the standby: SET default_transaction_read_only = off; DROP TABLE t;',
  ],
  ['on the primary: GRANT a TO b;', 'on the primary: GRANT a TO b;'],
  // Names are left as they are.
  [
    `where "a: DROP b" is, on the standby: ALTER SEQUENCE public."x on the primary: DROP y" OWNED BY "it""s: DROP z";`,
    `where "a: DROP b" is, on the standby: ${writable} ALTER SEQUENCE public."x on the primary: DROP y" OWNED BY "it""s: DROP z";`,
  ],
  [
    `on the standby: COMMIT PREPARED 'it''s: DROP b'; the standby's: pg_dump --table='public."a: UPDATE b"' --file=$'a\\'b: DROP c'`,
    `on the standby: COMMIT PREPARED 'it''s: DROP b'; the standby's: pg_dump --table='public."a: UPDATE b"' --file=$'a\\'b: DROP c'`,
  ],
  ['this shows it, on the standby: SELECT 1;', 'this shows it, on the standby: SELECT 1;'],
  ['correct it on the standby: the name is wrong', 'correct it on the standby: the name is wrong'],
])('a session of a fenced standby first has to be able to write: %s', (remedy, expected) => {
  expect(inWritableSession(remedy, ['standby'])).toBe(expected);
  expect(inWritableSession(expected, ['standby'])).toBe(expected);
});

describe('if both sides are fenced, the statement that lets a session write comes before all others in the remedy of', () => {
  const sides = { primary: { readOnly: true }, standby: { readOnly: true } } as const;
  const writing =
    /[:;] (?:(?:ALTER|CREATE|DELETE|DROP|GRANT|INSERT|REVOKE|TRUNCATE|UPDATE) [^a-z]|DO \$|SELECT (?:nextval|setval)\()[^;]*;/u;
  const all = Object.entries(examples).flatMap(([code, make]) =>
    make().flatMap((finding) =>
      finding === null || code === 'READ_ONLY_DEFAULT' ? [] : [{ ...finding, code }],
    ),
  );
  it.each(all.filter(({ remedy }) => writing.test(remedy)))('$code: $remedy', (finding) => {
    const [{ remedy } = { remedy: '' }] = findingsInWritableSession([finding], sides);
    const first = remedy.search(writing);
    const set = remedy.search(/SET default_transaction_read_only/u);
    expect({ remedy, isFirst: set >= 0 && set < first }).toEqual({ remedy, isFirst: true });
  });
});

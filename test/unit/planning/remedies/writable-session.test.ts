import { expect, it } from 'vitest';
import { inWritableSession } from '../../../../src/planning/remedies/writable-session.js';

const writable = 'SET default_transaction_read_only TO off;';

it.each([
  [
    'as a superuser on the standby: GRANT a TO b;',
    `as a superuser on the standby: ${writable} GRANT a TO b;`,
  ],
  [
    'on the standby, as the owner or a superuser: CREATE SEQUENCE s; then run SELECT 1;',
    `on the standby, as the owner or a superuser: ${writable} CREATE SEQUENCE s; then run SELECT 1;`,
  ],
  ['on the primary: GRANT a TO b;', 'on the primary: GRANT a TO b;'],
  ['correct it on the standby: the name is wrong', 'correct it on the standby: the name is wrong'],
])('a session of a fenced standby first has to be able to write: %s', (remedy, expected) => {
  expect(inWritableSession(remedy, 'standby')).toBe(expected);
});

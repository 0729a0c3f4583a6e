import { expect, it } from 'vitest';
import { withoutPageHeader } from '../../../src/postgres/replication/read-wal-position.js';

it.each([
  ['0/2000028', '0/2000000'],
  ['A/2002018', 'A/2002000'],
  ['16/B374D848', '16/B374D848'],
  ['0/2002020', '0/2002020'],
])('%s is %s without the header of a WAL page', (lsn, expected) => {
  expect(withoutPageHeader(lsn, 8192n)).toBe(expected);
});

import { randomInt } from 'node:crypto';
import type { Identity } from '../../steps/identity.js';
import type { Endpoint } from '../endpoint.js';
import { OID_OF_DATABASE } from '../this-database.js';

/** The expected identity of each side; null while it is not known yet. */
export interface ExpectedPair {
  primary: Identity | null;
  standby: Identity | null;
}

const LARGEST_KEY = 2 ** 31 - 1;

/**
 * Whether both endpoints lead to the same database, whatever their names are. The system identifier does not show it, since a standby that
 * began as a copy of the primary has the same one. So one endpoint takes an advisory lock on a random key, and only in the same database
 * does the other endpoint see it. https://www.postgresql.org/docs/current/view-pg-locks.html says how pg_locks shows its two keys.
 */
export async function isSameDatabase(
  primary: Endpoint,
  standby: Endpoint,
  expected: ExpectedPair,
): Promise<boolean> {
  const [one, other] = [randomInt(1, LARGEST_KEY), randomInt(1, LARGEST_KEY)];
  const first = [`SELECT pg_advisory_xact_lock(${one}, ${other})`];
  return primary.transaction(
    { access: 'read only', expected: expected.primary, locks: 0, first },
    async () => {
      const [seen = []] = await standby.read({ expected: expected.standby, locks: 0 }, [
        `SELECT FROM pg_locks
       WHERE locktype = 'advisory' AND granted AND classid = ${one}::oid AND objid = ${other}::oid AND objsubid = 2
         AND database = ${OID_OF_DATABASE}`,
      ]);
      return seen.length > 0;
    },
  );
}

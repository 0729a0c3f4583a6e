import { onTestFinished } from 'vitest';
import type { SideOfPair } from '../../../src/contract/side.js';
import type { Endpoint } from '../../../src/postgres/endpoint.js';
import { openEndpoint } from '../../../src/postgres/session/open-endpoint.js';
import type { Identity } from '../../../src/steps/identity.js';

/** A side of a pair, and which server and database it is. It is closed after the test. */
export async function openSide(
  which: SideOfPair,
  url: string,
): Promise<{ endpoint: Endpoint; identity: Identity }> {
  const endpoint = openEndpoint(which, url, { env: {} });
  onTestFinished(() => endpoint.close());
  const [[identity] = []] = await endpoint.read<Identity & Record<string, unknown>>(
    { expected: null, locks: 0 },
    [
      `SELECT system_identifier::text AS "systemIdentifier", oid::text AS "databaseOid", datname AS database
       FROM pg_control_system(), pg_database WHERE datname = current_database()`,
    ],
  );
  if (identity === undefined) throw new Error('no identity');
  return { endpoint, identity };
}

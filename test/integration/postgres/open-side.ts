import { onTestFinished } from 'vitest';
import type { SideOfPair } from '../../../src/contract/side.js';
import type { Endpoint } from '../../../src/postgres/endpoint.js';
import { openEndpoint } from '../../../src/postgres/session/open-endpoint.js';
import type { Identity } from '../../../src/steps/identity.js';
import { readIdentity } from './read-identity.js';

/** A side of a pair, and which server and database it is. It is closed after the test. */
export async function openSide(
  which: SideOfPair,
  url: string,
): Promise<{ endpoint: Endpoint; identity: Identity }> {
  const endpoint = openEndpoint(which, url, { env: {} });
  onTestFinished(() => endpoint.close());
  const identity = await readIdentity(async (statement) => {
    const [rows = []] = await endpoint.read({ expected: null, locks: 0 }, [statement]);
    return rows;
  });
  return { endpoint, identity };
}

import type { Server } from '../src/contract/status.js';
import type { Endpoint } from '../src/postgres/endpoint.js';
import type { ServerFacts } from '../src/postgres/server/server-facts.js';

/** A server in the form in which the status and the history show it. */
export function describeServer(
  { address }: Endpoint,
  { version, identity, readOnlyByDefault }: ServerFacts,
): Server {
  const { host, port } = address;
  const { database, systemIdentifier } = identity;
  return {
    ...{ host, port, database, serverVersion: version.text, systemIdentifier },
    ...(readOnlyByDefault ? { readOnly: true } : {}),
  };
}

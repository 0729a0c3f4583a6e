import type { Endpoint } from './endpoint.js';

/** The same endpoint with some parts replaced, whatever the affinity. `changes` makes these parts for one endpoint. */
export function changedEndpoint(
  endpoint: Endpoint,
  changes: (endpoint: Endpoint) => Partial<Endpoint>,
): Endpoint {
  return {
    side: endpoint.side,
    address: endpoint.address,
    pool: endpoint.pool,
    ...(endpoint.lockWaits && { lockWaits: endpoint.lockWaits }),
    locksPerTransaction: () => endpoint.locksPerTransaction(),
    version: (expected) => endpoint.version(expected),
    transaction: (options, work) => endpoint.transaction(options, work),
    read: (options, texts, repeated) => endpoint.read(options, texts, repeated),
    withAffinity: (affinity) => changedEndpoint(endpoint.withAffinity(affinity), changes),
    close: () => endpoint.close(),
    ...changes(endpoint),
  };
}

import type { Endpoint } from './endpoint.js';
import { LockWaits } from './failures/lock-waits.js';

/** The same endpoint for one step: all that is done through it, with any affinity, shares one {@link LockWaits}. */
export function withLockWaits(endpoint: Endpoint, lockWaits = new LockWaits()): Endpoint {
  return {
    side: endpoint.side,
    address: endpoint.address,
    pool: endpoint.pool,
    lockWaits,
    locksPerTransaction: () => endpoint.locksPerTransaction(),
    version: (expected) => endpoint.version(expected),
    transaction: (options, work) => endpoint.transaction(options, work),
    read: (options, texts, repeated) => endpoint.read(options, texts, repeated),
    withAffinity: (affinity) => withLockWaits(endpoint.withAffinity(affinity), lockWaits),
    close: () => endpoint.close(),
  };
}

import { changedEndpoint } from './changed-endpoint.js';
import type { Endpoint } from './endpoint.js';
import { LockWaits } from './failures/lock-waits.js';

/** The same endpoint for one step: all that is done through it, with any affinity, shares one {@link LockWaits}. */
export function withLockWaits(endpoint: Endpoint, lockWaits = new LockWaits()): Endpoint {
  return changedEndpoint(endpoint, () => ({ lockWaits }));
}

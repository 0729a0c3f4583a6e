import type { Definition } from './sequence.js';

/**
 * How many values the sessions of the primary may hold in their caches: CACHE times max_connections, or 0 without CACHE. No buffer is smaller.
 *
 * @param maxConnections of the primary
 */
export function cachedCalls({ cache }: Pick<Definition, 'cache'>, maxConnections: bigint): bigint {
  return cache > 1n ? cache * maxConnections : 0n;
}

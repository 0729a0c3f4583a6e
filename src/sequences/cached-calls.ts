import type { Definition } from './sequence.js';

/**
 * The calls of nextval that the caches of the primary's sessions may hold, each session a whole one; 0 without CACHE. No buffer is smaller.
 *
 * @param maxConnections of the primary
 */
export function cachedCalls({ cache }: Pick<Definition, 'cache'>, maxConnections: bigint): bigint {
  return cache > 1n ? cache * maxConnections : 0n;
}

import { inLanes } from '../../concurrency/lanes.js';

/**
 * Runs the work on consecutive parts of the items. If one part fails, no other part is begun, and the error is thrown when the parts that
 * had begun have ended. So nothing runs any more when the caller sees the error.
 *
 * @param limit the largest total weight of a part; an item that weighs more is a part of its own
 * @param options.weight default: 1
 * @param options.atOnce how many parts run at once; default: all, limited by the endpoint's connections and lock budget
 * @throws as `inLanes`
 */
export async function inChunks<T>(
  items: readonly T[],
  limit: number,
  work: (chunk: readonly T[]) => Promise<void>,
  { weight = () => 1, atOnce = Infinity }: { weight?: (item: T) => number; atOnce?: number } = {},
): Promise<void> {
  await inLanes(atOnce, [...chunks(items, limit, weight)], work);
}

function* chunks<T>(items: readonly T[], limit: number, weight: (item: T) => number): Generator<T[]> {
  let chunk: T[] = [];
  let weighs = 0;
  for (const item of items) {
    if (chunk.length > 0 && weighs + weight(item) > limit) {
      yield chunk;
      chunk = [];
      weighs = 0;
    }
    chunk.push(item);
    weighs += weight(item);
  }
  if (chunk.length > 0) yield chunk;
}

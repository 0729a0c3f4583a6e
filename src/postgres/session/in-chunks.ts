import { inLanes } from '../../concurrency/lanes.js';

/**
 * Runs the work on consecutive parts of the items. Where one fails no other is begun, and it ends when those under way have, so that
 * nothing runs on behind the caller's back.
 *
 * @param limit the most that the items of a part weigh together; an item that alone weighs more is a part alone
 * @param options.weight default: 1
 * @param options.atOnce how many parts are worked on at once; by default all: what limits them is the endpoint's connections and lock budget
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

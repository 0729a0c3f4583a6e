/**
 * Consecutive parts of the items.
 *
 * @param limit the largest total weight of a part; an item that weighs more is a part of its own
 * @param weight default: 1
 */
export function chunksOf<T>(
  items: readonly T[],
  limit: number,
  weight: (item: T) => number = () => 1,
): T[][] {
  const chunks: T[][] = [];
  let chunk: T[] = [];
  let weighs = 0;
  for (const item of items) {
    if (chunk.length > 0 && weighs + weight(item) > limit) {
      chunks.push(chunk);
      chunk = [];
      weighs = 0;
    }
    chunk.push(item);
    weighs += weight(item);
  }
  if (chunk.length > 0) chunks.push(chunk);
  return chunks;
}

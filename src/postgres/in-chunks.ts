/**
 * Runs the work on consecutive parts of the items, all parts at once: what limits them is the endpoint's connections and lock
 * budget. Ends when the last part has, also where one fails, so that nothing runs on behind the caller's back.
 *
 * @param limit the most that the items of a part weigh together; an item that alone weighs more is a part alone
 * @param weight default: 1
 * @throws the first part's error, of those that failed
 */
export async function inChunks<T>(
  items: readonly T[],
  limit: number,
  work: (chunk: readonly T[]) => Promise<void>,
  weight: (item: T) => number = () => 1,
): Promise<void> {
  const outcomes = await Promise.allSettled([...chunks(items, limit, weight)].map(work));
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed) throw failed.reason;
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

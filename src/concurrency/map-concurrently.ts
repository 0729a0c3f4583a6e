/**
 * Works on the items in order, on `concurrency` items at the same time. After a failure it begins no further item. It returns only
 * when all begun items have ended, so that no work continues after it.
 *
 * @throws the error of the first item that failed
 */
export async function mapConcurrently<T, R>(
  concurrency: number,
  items: readonly T[],
  work: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const queue = items.entries();
  const failures: { error: unknown }[] = [];
  const worker = async () => {
    for (const [index, item] of queue) {
      try {
        results[index] = await work(item, index);
      } catch (error) {
        failures.push({ error });
      }
      if (failures.length > 0) return;
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, items.length) }, worker));
  const [failed] = failures;
  if (failed !== undefined) throw failed.error;
  return results;
}

/**
 * Works on the items in their order, `lanes` at once. After a failure no further one is begun, and it ends when all
 * that were begun have ended, so that nothing goes on behind the caller's back.
 *
 * @throws what the first lane that failed threw
 */
export async function inLanes<T, R>(
  lanes: number,
  items: readonly T[],
  work: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const queue = items.entries();
  const failures: { error: unknown }[] = [];
  const lane = async () => {
    for (const [index, item] of queue) {
      try {
        results[index] = await work(item, index);
      } catch (error) {
        failures.push({ error });
      }
      if (failures.length > 0) return;
    }
  };
  await Promise.all(Array.from({ length: Math.min(lanes, items.length) }, lane));
  const [failed] = failures;
  if (failed !== undefined) throw failed.error;
  return results;
}

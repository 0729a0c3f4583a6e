/**
 * Like Promise.all, but it returns only after all promises have settled, so that a failure or a cancellation does not end the run while
 * another step still sets values.
 */
export async function allSettled<T>(work: readonly Promise<T>[]): Promise<T[]> {
  const endings = await Promise.allSettled(work);
  return endings.map((ending) => {
    if (ending.status === 'rejected') throw ending.reason;
    return ending.value;
  });
}

/**
 * As Promise.all, but it ends only when all have ended: what fails, or is cancelled before it began, does not end
 * the run while something else still sets values.
 */
export async function whenAllAreOver<T>(work: readonly Promise<T>[]): Promise<T[]> {
  const endings = await Promise.allSettled(work);
  return endings.map((ending) => {
    if (ending.status === 'rejected') throw ending.reason;
    return ending.value;
  });
}

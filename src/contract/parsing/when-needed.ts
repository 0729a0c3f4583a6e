/**
 * Makes a schema when it is used first. Temporal runs all modules anew for every workflow, also for a page or a lock, which parse nothing,
 * and the schema of one object takes a tenth of a millisecond or more.
 */
export function whenNeeded<T>(make: () => T): () => T {
  let made: { value: T } | null = null;
  return () => (made ??= { value: make() }).value;
}

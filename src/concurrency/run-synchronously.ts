/** Runs a generator to its end without a pause. */
export function runSynchronously<T>(work: Generator<unknown, T>): T {
  for (;;) {
    const { done, value } = work.next();
    if (done === true) return value;
  }
}

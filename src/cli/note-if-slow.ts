import { print } from './output.js';

/** Milliseconds after which somebody at a terminal wonders whether a command hangs. */
const SLOW_AFTER_MS = 3_000;

/** Prints the note on stderr if the work takes longer than three seconds. */
export async function noteIfSlow<T>(note: string, work: Promise<T>): Promise<T> {
  const timer = setTimeout(() => {
    print(process.stderr, [note]);
  }, SLOW_AFTER_MS);
  try {
    return await work;
  } finally {
    clearTimeout(timer);
  }
}

/**
 * While a question to a workflow is open, which only a worker can answer.
 *
 * @param meanwhile what can be done without a worker, as a sentence
 */
export const whileNoWorkerAnswers = <T>(work: Promise<T>, meanwhile?: string): Promise<T> =>
  noteIfSlow(
    ['Still waiting for the answer of a worker', ...(meanwhile === undefined ? [] : [meanwhile])].join('. '),
    work,
  );

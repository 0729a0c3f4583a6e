import { durationMs } from '../contract/parsing/duration.js';
import { printable } from '../contract/printable.js';
import { UsageError } from './exit-codes.js';

/** The longest timer of Node.js is a little longer. */
const LONGEST_MS = 24 * 86_400_000;

/** The milliseconds of `--timeout`: a duration with a unit, or a number of seconds. @throws UsageError */
export function timeoutMs(text: string): number {
  const ms = /^\d+$/u.test(text) ? Number(text) * 1000 : durationMs(text);
  if (ms !== null && ms > 0 && ms <= LONGEST_MS) return ms;
  throw new UsageError(
    `--timeout: found ${printable(text)}; expected a duration of at most 24 days, such as '10 minutes', or a number of seconds`,
  );
}

/** How long a command waits for a workflow. Without `--timeout` there is no limit. */
export class TimeLimit {
  readonly #ms: number;
  #until: number;

  /** @param text of the option; the time begins now @throws UsageError */
  constructor(readonly text: string | undefined) {
    this.#ms = text === undefined ? Infinity : timeoutMs(text);
    this.#until = Date.now() + this.#ms;
  }

  /** The time of a person who was asked does not count. */
  restart(): void {
    this.#until = Date.now() + this.#ms;
  }

  /** The result of the work, if it comes in time. @throws LimitOver */
  async within<T>(work: Promise<T>): Promise<T> {
    if (this.#until === Infinity) return work;
    let timer: NodeJS.Timeout | undefined;
    const over = new Promise<never>((_, reject) => {
      const stop = () => {
        reject(new LimitOver());
      };
      timer = setTimeout(stop, Math.max(0, this.#until - Date.now()));
    });
    try {
      return await Promise.race([work, over]);
    } finally {
      clearTimeout(timer);
    }
  }
}

/** The time is over. Whoever waits turns it into a {@link TimeOverError}, which says for what. */
export class LimitOver extends Error {
  override readonly name = 'LimitOver';
}

/** The time of `--timeout` is over. The workflow goes on. */
export class TimeOverError extends Error {
  override readonly name = 'TimeOverError';

  /**
   * @param message what has not happened, and the command that goes on waiting
   * @param json the result with `--output json`
   */
  constructor(
    message: string,
    readonly json: object,
  ) {
    super(message);
  }
}

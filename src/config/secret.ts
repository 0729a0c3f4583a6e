import { inspect } from 'node:util';

const shown = '[secret]';

/**
 * A value that no log, report or error can show by accident: printed or serialized, it is `[secret]`. Only
 * {@link Secret.reveal} returns the value, so that every use can be found by searching for that name.
 */
export class Secret<T = string> {
  readonly #value: T;

  constructor(value: T) {
    this.#value = value;
  }

  /** The value itself. */
  reveal(): T {
    return this.#value;
  }

  /** `[secret]`. */
  toString(): string {
    return shown;
  }

  /** `[secret]`. */
  toJSON(): string {
    return shown;
  }

  /** `[secret]`. */
  [inspect.custom](): string {
    return shown;
  }
}

import { inspect } from 'node:util';

const shown = '[secret]';

/**
 * A value that no log, report or error shows by accident: however it is printed or serialized, it reads
 * `[secret]`. Only {@link Secret.reveal} gives it away, so that every use is found by searching for that name.
 */
export class Secret<T = string> {
  readonly #value: T;

  constructor(value: T) {
    this.#value = value;
  }

  reveal(): T {
    return this.#value;
  }

  toString(): string {
    return shown;
  }

  toJSON(): string {
    return shown;
  }

  [inspect.custom](): string {
    return shown;
  }
}

import type { SessionOptions } from './session-options.js';

/** In milliseconds: the largest timeout for all statements of one message together, unless one alone may take longer. */
const MESSAGE_TIMEOUT_MS = 60_000;
/** In milliseconds: how much longer than the server's timeout an answer may take before the connection counts as dead. */
const GRACE_MS = 10_000;
/** The same for the first attempt on a connection that may be dead. */
const SHORT_GRACE_MS = 1_000;
/** In milliseconds: the timeout of BEGIN and ROLLBACK, which wait for nothing on a healthy server. */
export const SHORT_TIMEOUT_MS = 5_000;

/** How long the messages of a session may take, each with one or more statements. All times in milliseconds. */
export class MessageTimeouts {
  readonly #one: number;
  readonly #isProbe: boolean;
  readonly #areShared: boolean;
  #isShortened: boolean;

  /** @param asked for one statement */
  constructor(asked: number, { isProbe = false, beginsAlone = false }: SessionOptions) {
    this.#isProbe = isProbe;
    this.#areShared = beginsAlone;
    this.#isShortened = isProbe && asked > SHORT_TIMEOUT_MS;
    this.#one = this.#isShortened ? SHORT_TIMEOUT_MS : asked;
  }

  /** Whether the statements have less time than the caller asks for. */
  get isShortened(): boolean {
    return this.#isShortened;
  }

  /** How long the answer to a message may take. */
  forAnswer(count: number): number {
    return this.#isProbe ? this.#one + SHORT_GRACE_MS : this.#forAll(count) + GRACE_MS;
  }

  /** The server's statement_timeout for a message. Before PostgreSQL 13, it holds for all statements of the message together. */
  forServer(count: number): number {
    if (!this.#areShared) return this.#one;
    // A probe gives all of them the time of one.
    this.#isShortened ||= this.#isProbe && count > 1;
    return this.#forAll(count);
  }

  #forAll(count: number): number {
    return this.#isProbe ? this.#one : Math.max(this.#one, Math.min(this.#one * count, MESSAGE_TIMEOUT_MS));
  }
}

import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** The name of the worker, whose log explains most errors. */
export const WORKER = 'The worker';
/** The name of the server that the demo may kill. */
export const PRIMARY = 'The primary PostgreSQL server';

/** A child process of the demo. */
export interface Server {
  readonly log: string;
  isRunning(): boolean;
}

/** A server ended although the demo did not stop it. */
export class ServerEndedError extends Error {
  override readonly name = 'ServerEndedError';

  constructor(
    /** The name of the server. */
    readonly server: string,
  ) {
    super(`${server} has ended, and nobody stopped it.`);
  }
}

/** The servers that the demo has started. */
export class Servers {
  /** By name. */
  readonly #servers = new Map<string, Server>();
  /** The names of the servers whose end is an error. */
  readonly #watched = new Set<string>();
  readonly #stops: (() => Promise<unknown>)[] = [];
  #stopping = false;

  /**
   * @param servers by name, as the beginning of a sentence
   * @param stop ends all of them
   */
  add(servers: Readonly<Record<string, Server>>, stop: () => Promise<unknown>): void {
    for (const [name, server] of Object.entries(servers)) {
      this.#servers.set(name, server);
      this.#watched.add(name);
    }
    this.#stops.push(stop);
  }

  /** Waits until one of them ends by itself, or for ever. @throws ServerEndedError */
  async watch(): Promise<never> {
    for (;;) {
      this.assertRunning();
      await delay(100);
    }
  }

  /** @throws ServerEndedError */
  assertRunning(): void {
    if (this.#stopping) return;
    for (const name of this.#watched) {
      if (this.#servers.get(name)?.isRunning() === false) throw new ServerEndedError(name);
    }
  }

  /** From now on its end is no error. */
  expectEnd(name: string): void {
    this.#watched.delete(name);
  }

  /** The last lines of a server's log; empty if there is none, or not any more. */
  logTail(name: string): string[] {
    const log = this.#servers.get(name)?.log;
    if (log === undefined || !existsSync(log)) return [];
    return readFileSync(log, 'utf8').trimEnd().split('\n').slice(-12);
  }

  /** In reverse order: a process that uses a server takes longer to end after the server has ended. */
  async stop(): Promise<void> {
    this.#stopping = true;
    // The others are stopped also if one cannot be.
    for (const stop of this.#stops.reverse()) await stop().catch(() => undefined);
  }
}

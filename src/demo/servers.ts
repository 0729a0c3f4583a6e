import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** The name of the worker, whose log explains most errors. */
export const worker = 'The worker';
/** The name of the server that the demo may kill. */
export const primaryServer = 'The primary PostgreSQL server';

/** A child process of the demo. */
export interface Server {
  /** The name, as the beginning of a sentence. */
  readonly name: string;
  readonly log: string;
  isRunning(): boolean;
}

/** A server ended although the demo did not stop it. */
export class ServerEndedError extends Error {
  override readonly name = 'ServerEndedError';

  constructor(readonly server: Server) {
    super(`${server.name} has ended, and nobody stopped it.`);
  }
}

/** The servers that the demo has started. */
export class Servers {
  #servers: Server[] = [];
  readonly #stops: (() => Promise<unknown>)[] = [];
  #stopping = false;

  /** @param stop ends all of them */
  add(servers: readonly Server[], stop: () => Promise<unknown>): void {
    this.#servers.push(...servers);
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
    const ended = this.#servers.find((server) => !server.isRunning());
    if (ended && !this.#stopping) throw new ServerEndedError(ended);
  }

  /** From now on its end is no error. */
  expectEnd(name: string): void {
    this.#servers = this.#servers.filter((server) => server.name !== name);
  }

  named(name: string): Server | undefined {
    return this.#servers.find((server) => server.name === name);
  }

  /** In reverse order: a process that uses a server takes longer to end after the server has ended. */
  async stop(): Promise<void> {
    this.#stopping = true;
    // The others are stopped also if one cannot be.
    for (const stop of this.#stops.reverse()) await stop().catch(() => undefined);
  }
}

/** The last lines of a server's log; empty if the file does not exist any more. */
export function logTail({ log }: Server): string[] {
  return existsSync(log) ? readFileSync(log, 'utf8').trimEnd().split('\n').slice(-12) : [];
}

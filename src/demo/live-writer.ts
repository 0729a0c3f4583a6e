import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { visit } from './shop.js';

/** The application. It inserts until it is stopped. If its server does not accept writes, it connects again. */
export interface LiveWriter {
  /** The customers of the visits that the database has confirmed. */
  readonly confirmed: readonly string[];
  /** The longest time between two confirmed visits, in milliseconds. */
  longestPause(): number;
  /** The address of the next connection. */
  moveTo(url: string): void;
  /**
   * Waits for this many further confirmed visits.
   *
   * @throws the error that stopped it
   */
  writes(more: number): Promise<void>;
  /** Ends the last insert and the connection. Can be called again. @throws the error that stopped it before */
  stop(): Promise<void>;
}

/** Milliseconds between two visits. */
const PAUSE_MS = 60;
/** A little less than with the pauses alone, since the inserts take time, too. */
export const ROWS_PER_SECOND = 120;
/** Milliseconds until the next attempt, if it may not write. */
const RETRY_AFTER_MS = 10;
/** Milliseconds that a connection may take, since a server that was killed gives no answer. */
const CONNECT_TIMEOUT_MS = 1_000;

/** Starts to insert into the database. */
export async function startWriter(url: string): Promise<LiveWriter> {
  const writer = new Shopper(url);
  await writer.start();
  return writer;
}

class Shopper implements LiveWriter {
  readonly confirmed: string[] = [];
  #client: pg.Client | null = null;
  #last = performance.now();
  #longest = 0;
  #stopping = false;
  #failure: Error | null = null;
  #working: Promise<void> = Promise.resolve();

  constructor(private url: string) {}

  async start(): Promise<void> {
    this.#client = await this.#connect();
    this.#last = performance.now();
    this.#working = this.#work();
  }

  longestPause(): number {
    return Math.round(this.#longest);
  }

  moveTo(url: string): void {
    this.url = url;
  }

  async writes(more: number): Promise<void> {
    const enough = this.confirmed.length + more;
    while (this.confirmed.length < enough) {
      if (this.#failure) throw this.#failure;
      await delay(PAUSE_MS);
    }
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#working;
    // Its server may be down already.
    await this.#client?.end().catch(() => undefined);
    if (this.#failure) throw this.#failure;
  }

  async #work(): Promise<void> {
    for (let number = 1; !this.#stopping; number += 1) {
      const customer = `live${number}@example.com`;
      try {
        this.#client ??= await this.#connect();
        await this.#client.query(visit, [customer]);
        this.#confirm(customer);
        await delay(PAUSE_MS);
      } catch (error) {
        if (!mayTryAgain(error)) {
          this.#failure = error instanceof Error ? error : new Error(String(error));
          return;
        }
        // The connection may be lost; the next attempt makes another one.
        this.#client?.end().catch(() => undefined);
        this.#client = null;
        await delay(RETRY_AFTER_MS);
      }
    }
  }

  #confirm(customer: string): void {
    this.confirmed.push(customer);
    const now = performance.now();
    this.#longest = Math.max(this.#longest, now - this.#last);
    this.#last = now;
  }

  async #connect(): Promise<pg.Client> {
    const client = new pg.Client({
      connectionString: this.url,
      application_name: 'shop',
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  }
}

/** A lost connection, or a server that shuts down or is read-only. Any other refusal is an error, a duplicate key in particular. */
function mayTryAgain(error: unknown): boolean {
  if (!(error instanceof pg.DatabaseError)) return true;
  return error.code === '25006' || /^(?:08|57)/u.test(error.code ?? '');
}

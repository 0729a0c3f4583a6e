import pg from 'pg';
import { nextValues, type NextValue } from './next-values.js';

export interface Testimony {
  looks: number;
  /** Such as `public.s_1 went from 10001 back to 5`; empty as it should be. */
  lowered: string[];
}

/** Each reading takes a few milliseconds of processor time, and a run waits for minutes in some tests. */
const PAUSE_MS = 100;

/**
 * Watches the sequences of a standby from a connection of its own, which bypasses the proxies, and notes each that goes backwards in its
 * own direction. It cannot see a change that is undone between two readings, but this project never undoes one.
 */
export class Witness {
  readonly #last = new Map<string, bigint>();
  readonly #lowered: string[] = [];
  #looks = 0;
  #over = false;
  readonly #watching: Promise<void>;

  constructor(private readonly url: string) {
    this.#watching = this.#watch();
  }

  async testify(): Promise<Testimony> {
    this.#over = true;
    await this.#watching;
    return { looks: this.#looks, lowered: this.#lowered };
  }

  async #watch(): Promise<void> {
    let client: pg.Client | null = null;
    while (!this.#over) {
      try {
        client ??= await this.#connect();
        await this.#look(client);
      } catch {
        // The server itself may be down; the next reading tries again.
        await client?.end().catch(() => undefined);
        client = null;
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
    await client?.end().catch(() => undefined);
  }

  async #connect(): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: this.url, query_timeout: 5_000 });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  }

  async #look(client: pg.Client): Promise<void> {
    const values = await nextValues(client);
    this.#looks += 1;
    for (const value of values) this.#note(value);
  }

  #note({ sequence, increment, next }: NextValue): void {
    const before = this.#last.get(sequence);
    if (before !== undefined && (next - before) * increment < 0n) {
      this.#lowered.push(`${sequence} went from ${before} back to ${next}`);
    }
    this.#last.set(sequence, next);
  }
}

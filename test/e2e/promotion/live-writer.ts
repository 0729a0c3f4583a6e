import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';

/** How long it waits after a failed insert, in milliseconds: behind a fence each attempt is a connection of its own. */
const RETRY_AFTER_MS = { asFastAsItCan: 50, withPauses: 250 };

/** An application that inserts into whatever is the primary, and remembers what was confirmed to it. */
export class LiveWriter {
  readonly confirmed: string[] = [];
  readonly duplicates: string[] = [];
  private client: pg.Client | null = null;
  private stopping = false;
  private readonly running: Promise<void>;

  /** @param pauseMs milliseconds between two inserts; by default it inserts as fast as it can */
  constructor(
    private url: string,
    private readonly name: string,
    private readonly pauseMs = 0,
  ) {
    this.running = this.run();
  }

  /** The next connection leads there. */
  moveTo(url: string): void {
    this.url = url;
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await this.running;
    await this.client?.end().catch(() => undefined);
  }

  private async run(): Promise<void> {
    for (let number = 1; !this.stopping; number += 1) {
      const label = `${this.name} ${number}`;
      try {
        const client = (this.client ??= await this.connect());
        await client.query('INSERT INTO orders (label) VALUES ($1)', [label]);
        this.confirmed.push(label);
        if (this.pauseMs > 0) await delay(this.pauseMs);
      } catch (error) {
        if ((error as { code?: string }).code === '23505') this.duplicates.push((error as Error).message);
        await this.client?.end().catch(() => undefined);
        this.client = null;
        await delay(this.pauseMs > 0 ? RETRY_AFTER_MS.withPauses : RETRY_AFTER_MS.asFastAsItCan);
      }
    }
  }

  private async connect(): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: this.url, application_name: 'live writer' });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  }
}

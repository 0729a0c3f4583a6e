import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { PostgresPair } from '../src/local/postgres-pair.js';

/** The most connections of the workers at one time, on each server. */
export interface MostConnections {
  readonly primary: number;
  readonly standby: number;
  /** How often they were counted, on both servers together. */
  readonly looks: number;
}

const INTERVAL_MS = 20;

/** Counts the workers' connections to both servers, again and again. */
export class ConnectionWatch {
  readonly #most = { primary: 0, standby: 0, looks: 0 };
  #stopped = false;
  readonly #counting: Promise<unknown>;

  static async start({ primary, standby }: PostgresPair): Promise<ConnectionWatch> {
    const clients = { primary: new pg.Client(primary.url()), standby: new pg.Client(standby.url()) };
    await Promise.all([clients.primary.connect(), clients.standby.connect()]);
    return new ConnectionWatch(clients);
  }

  private constructor({ primary, standby }: Record<'primary' | 'standby', pg.Client>) {
    this.#counting = Promise.all([this.#count('primary', primary), this.#count('standby', standby)]);
  }

  /** Can be called again. */
  async stop(): Promise<MostConnections> {
    this.#stopped = true;
    await this.#counting;
    return this.#most;
  }

  async #count(side: 'primary' | 'standby', client: pg.Client): Promise<void> {
    const most = this.#most;
    while (!this.#stopped) {
      const { rows } = await client.query<{ count: number }>(
        `SELECT count(*)::integer AS count FROM pg_stat_activity
         WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() AND application_name = 'sequence-failover'`,
      );
      most[side] = Math.max(most[side], rows[0]?.count ?? 0);
      most.looks += 1;
      await delay(INTERVAL_MS);
    }
    await client.end();
  }
}

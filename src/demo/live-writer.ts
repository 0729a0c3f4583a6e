import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { rowsPerVisit, visit } from './shop.js';

/** The application. It inserts rows until it is stopped. */
export interface LiveWriter {
  /** Rows inserted so far. */
  rows(): number;
  /** Rows a second, from the start on. */
  rate(): number;
  /** The error that stopped it; null if there is none. */
  failure(): Error | null;
  /** Ends the last insert and the connection. Can be called again. @throws the error that stopped it before */
  stop(): Promise<void>;
}

/** Milliseconds between two visits: about 120 rows a second. */
const pause = 60;

/** Starts to insert into the database. */
export async function startWriter(url: string): Promise<LiveWriter> {
  const client = new pg.Client({ connectionString: url, application_name: 'shop' });
  await client.connect();
  const startedAt = performance.now();
  let visits = 0;
  let stopping = false;
  let failure: Error | null = null;
  const fail = (error: unknown) => {
    if (!stopping) failure ??= error instanceof Error ? error : new Error(String(error));
  };
  client.on('error', fail);

  const work = async () => {
    while (!stopping && failure === null) {
      await client.query(visit);
      visits += 1;
      await delay(pause);
    }
  };
  const working = work()
    .catch(fail)
    .finally(() => client.end().catch(() => undefined));

  const rows = () => visits * rowsPerVisit;
  return {
    rows,
    rate: () => Math.round((rows() * 1_000) / (performance.now() - startedAt)),
    failure: () => failure,
    stop: async () => {
      stopping = true;
      await working;
      if (failure) throw failure;
    },
  };
}

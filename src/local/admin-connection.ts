import pg from 'pg';
import type { PostgresServer } from './postgres-server.js';
import { withClient } from './with-client.js';

/** These methods are not in the types of `pg`. */
type Client = pg.Client & { ref(): void; unref(): void };

/** A connection, and the last use of it, which may not have ended. */
interface Shared {
  readonly client: Promise<Client>;
  last: Promise<unknown>;
}

const connections = new WeakMap<PostgresServer, Shared>();

/**
 * Uses a superuser's connection to the database `postgres`. It is the same one for all callers, one after the other, until the server ends, since
 * each new connection costs as much processor time as a small database. Between two uses it does not keep the process running.
 */
export function withAdmin<T>(server: PostgresServer, use: (admin: pg.Client) => Promise<T>): Promise<T> {
  const shared = connections.get(server) ?? share(server);
  const turn = shared.last.then(async () => {
    const client = await shared.client;
    client.ref();
    try {
      return await use(client);
    } finally {
      client.unref();
    }
  });
  shared.last = turn.catch(() => undefined);
  return turn;
}

function share(server: PostgresServer): Shared {
  const forget = () => connections.delete(server);
  const shared = { client: connect(server, forget), last: Promise.resolve() };
  connections.set(server, shared);
  shared.client.catch(forget);
  return shared;
}

async function connect(server: PostgresServer, ended: () => void): Promise<Client> {
  await cacheCatalog(server);
  const client = new pg.Client(server.url()) as Client;
  client.on('error', () => undefined);
  client.once('end', ended);
  await client.connect();
  return client;
}

/**
 * Makes the server write pg_internal.init, its copy of the catalog's own rows, in template1. New databases get a copy of the file. Without it,
 * the first connection to each of them reads these rows anew, which takes half of the connection's time.
 */
async function cacheCatalog(server: PostgresServer): Promise<void> {
  await withClient(server.url('template1'), () => Promise.resolve());
}

import pg from 'pg';
import type { PostgresServer } from './postgres-server.js';
import { withClient } from './with-client.js';

const connections = new WeakMap<PostgresServer, Promise<pg.Client>>();

/**
 * A superuser's connection to the database `postgres`, the same for all callers until it ends with its server. Each new connection costs as much
 * processor time as a small database.
 */
export function adminConnection(server: PostgresServer): Promise<pg.Client> {
  const known = connections.get(server);
  if (known !== undefined) return known;
  const forget = () => connections.delete(server);
  const made = connect(server, forget);
  connections.set(server, made);
  made.catch(forget);
  return made;
}

async function connect(server: PostgresServer, ended: () => void): Promise<pg.Client> {
  await cacheCatalog(server);
  const client = new pg.Client(server.url());
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

import { InvalidConnectionError } from '../postgres/failures/errors.js';
import { readConnection } from '../postgres/connection/connection-config.js';
import type { Side } from '../postgres/endpoint.js';
import type { Environment } from './environment.js';
import { Secret } from './secret.js';

/** Checks a connection URL and the files that it names. Returns the URL, or adds a problem that does not repeat it. */
export function connectionUrl(
  side: Side,
  text: string,
  environment: Environment,
): { url: Secret } | { problem: string } {
  try {
    readConnection(side, text, environment.all());
    return { url: new Secret(text.trim()) };
  } catch (error) {
    if (error instanceof InvalidConnectionError) return { problem: error.message };
    throw error;
  }
}

/** The URL of the database `postgres` at port 5432, for the user `postgres`. */
export function postgresUrl(host: string, password: string): Secret {
  const authority = host.includes(':') ? `[${host}]` : host;
  return new Secret(`postgresql://postgres:${encodeURIComponent(password)}@${authority}:5432/postgres`);
}

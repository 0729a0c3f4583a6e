import type { Side } from '../endpoint.js';
import { NoPasswordError } from '../failures/errors.js';
import { readConnection } from './connection-config.js';
import { parseConnectionUrl } from './connection-url.js';

/** A connection string with which one PostgreSQL server connects to another. It must never be shown or logged. */
export interface Conninfo {
  connection: string;
  /** Its secret parts. */
  secrets: string[];
}

/** Parameters besides address and login. Files are those of the server that connects. */
const passedOn = ['sslmode', 'sslrootcert', 'sslcert', 'sslkey', 'sslnegotiation', 'channel_binding'];

/**
 * Converts a URL to libpq's keywords: https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING. A password that the
 * URL leaves out comes from the worker's PGPASSWORD or password file. If there is none either, the server uses its own password file.
 *
 * @throws InvalidConnectionError
 */
export async function conninfo(
  side: Side,
  url: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Conninfo> {
  const { address, user, attempts, secrets } = readConnection(side, url, env);
  const { parameters } = parseConnectionUrl(side, url);
  const password = await passwordOf(attempts[0]?.password);
  const values: [string, string | undefined][] = [
    ['host', address.host],
    ['port', String(address.port)],
    ['dbname', address.database],
    ['user', user],
    ['password', password],
    ...passedOn.map((name): [string, string | undefined] => [name, parameters.get(name)]),
  ];
  const connection = values
    .flatMap(([name, value]) => (value === undefined ? [] : `${name}=${quoted(value)}`))
    .join(' ');
  return { connection, secrets: [...secrets, connection] };
}

type Password = string | (() => string | Promise<string>) | undefined;

async function passwordOf(password: Password): Promise<string | undefined> {
  if (typeof password !== 'function') return password;
  try {
    return await password();
  } catch (error) {
    if (error instanceof NoPasswordError) return undefined;
    throw error;
  }
}

function quoted(value: string): string {
  return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

import type { Side } from '../endpoint.js';
import { NoPasswordError } from '../failures/errors.js';
import { readConnection } from './connection-config.js';
import { parseConnectionUrl } from './connection-url.js';

/** A connection string for a server of PostgreSQL, which shall connect to another. Never to be shown or logged. */
export interface Conninfo {
  connection: string;
  /** What is secret in it. */
  secrets: string[];
}

/** What the other server needs besides address and login; files are files of its own. */
const passedOn = ['sslmode', 'sslrootcert', 'sslcert', 'sslkey', 'sslnegotiation', 'channel_binding'];

/**
 * What libpq makes of a URL, as keywords: https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING. A password that the
 * URL leaves out is the worker's, from PGPASSWORD or its password file; where it has none, the other server has its own.
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

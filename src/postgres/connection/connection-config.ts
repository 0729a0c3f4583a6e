import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import type { ConnectionOptions } from 'node:tls';
import type { ClientConfig } from 'pg';
import { type ConnectionUrl, parseConnectionUrl } from './connection-url.js';
import type { Endpoint, Side } from '../endpoint.js';
import { InvalidConnectionError, NoPasswordError } from '../failures/errors.js';
import { findPassword } from './passfile.js';
import { tlsAttempts } from './tls.js';
import type { Setting } from './tls-files.js';

export interface ConnectionConfig {
  address: Endpoint['address'];
  user: string;
  /** The ways to connect, in the order to try. There are several if `sslmode` lets the server choose whether to use TLS. */
  attempts: ClientConfig[];
  /** Texts that must never be shown. A password from a password file is added when it is first used. */
  secrets: Set<string>;
}

/** Milliseconds. */
const CONNECT_TIMEOUT_MS = 5_000;

const variables: Readonly<Record<string, string>> = {
  host: 'PGHOST',
  port: 'PGPORT',
  user: 'PGUSER',
  password: 'PGPASSWORD',
  dbname: 'PGDATABASE',
  passfile: 'PGPASSFILE',
  connect_timeout: 'PGCONNECT_TIMEOUT',
  options: 'PGOPTIONS',
  sslmode: 'PGSSLMODE',
  sslrootcert: 'PGSSLROOTCERT',
  sslcert: 'PGSSLCERT',
  sslkey: 'PGSSLKEY',
  sslnegotiation: 'PGSSLNEGOTIATION',
  channel_binding: 'PGCHANNELBINDING',
  ssl_min_protocol_version: 'PGSSLMINPROTOCOLVERSION',
  ssl_max_protocol_version: 'PGSSLMAXPROTOCOLVERSION',
};

/**
 * Reads a URL as psql does: a part that it leaves out comes from libpq's environment variables, or else from libpq's defaults. The only
 * difference: without a host it is localhost, not a socket. https://www.postgresql.org/docs/current/libpq-envars.html
 *
 * @throws InvalidConnectionError
 */
export function readConnection(
  side: Side,
  text: string,
  env: NodeJS.ProcessEnv = process.env,
): ConnectionConfig {
  const invalid = (reason: string) => new InvalidConnectionError(side, reason);
  const url = parseConnectionUrl(side, text);
  const setting = settingsOf(url, env);
  const login = readLogin(url, setting, invalid);
  if (setting('channel_binding') === 'require') {
    // If the server does not offer channel binding, pg falls back to SCRAM without it, which `require` forbids.
    throw invalid('channel_binding=require cannot be kept; use sslmode=verify-full and leave it out');
  }

  const { host, port, database, user } = login;
  const password = url.password ?? setting('password');
  const secrets = new Set(
    [text.trim(), password, setting('sslpassword')].filter((secret) => secret !== undefined),
  );
  const passwordFromFile = async (): Promise<string> => {
    const path = setting('passfile') ?? join(homedir(), '.pgpass');
    const found = await findPassword(path, login);
    if ('reason' in found) throw new NoPasswordError(side, found.reason);
    secrets.add(found.password);
    return found.password;
  };
  const common: ClientConfig = { ...login, password: password ?? passwordFromFile, ...howToConnect(setting) };
  const isSocket = host.startsWith('/');
  const attempts = isSocket ? [false as const] : tlsAttempts(setting, invalid);
  return {
    address: { host, port, database },
    user,
    attempts: attempts.map((ssl) => (ssl === false ? { ...common, ssl } : overTls(common, ssl, setting))),
    secrets,
  };
}

/**
 * The database to which a URL leads, as {@link readConnection} finds it.
 *
 * @throws InvalidConnectionError
 */
export function databaseOf(side: Side, text: string, env: NodeJS.ProcessEnv = process.env): string {
  const url = parseConnectionUrl(side, text);
  const invalid = (reason: string) => new InvalidConnectionError(side, reason);
  return readLogin(url, settingsOf(url, env), invalid).database;
}

/** A parameter of the URL, or else its environment variable. As in libpq, an empty value counts as absent. */
function settingsOf(url: ConnectionUrl, env: NodeJS.ProcessEnv): Setting {
  return (name) => {
    const variable = variables[name];
    return url.parameters.get(name) || (variable !== undefined && env[variable]) || undefined;
  };
}

function readLogin(
  url: ConnectionUrl,
  setting: Setting,
  invalid: (reason: string) => Error,
): { host: string; port: number; user: string; database: string } {
  const host = url.host ?? setting('host') ?? 'localhost';
  if (host.includes(',')) throw invalid('PGHOST names several hosts, and a side of a pair is one server');
  const port = url.port ?? Number(setting('port') ?? 5432);
  if (!Number.isInteger(port) || port < 1 || port > 65535)
    throw invalid('PGPORT is not a number from 1 to 65535');
  const user = url.user ?? setting('user') ?? userInfo().username;
  return { host, port, user, database: url.database ?? setting('dbname') ?? user };
}

function howToConnect(setting: Setting): ClientConfig {
  const seconds = Number(setting('connect_timeout') ?? 0);
  const options = setting('options');
  return {
    application_name: setting('application_name') ?? 'sequence-failover',
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    connectionTimeoutMillis: seconds > 0 ? seconds * 1000 : CONNECT_TIMEOUT_MS,
    // Set explicitly. Otherwise pg reads PGSSLNEGOTIATION, and throws if TLS is off.
    sslnegotiation: 'postgres',
    ...(options !== undefined && { options }),
  };
}

function overTls(common: ClientConfig, ssl: ConnectionOptions, setting: Setting): ClientConfig {
  return {
    ...common,
    ssl,
    ...(setting('sslnegotiation') === 'direct' && { sslnegotiation: 'direct' }),
    enableChannelBinding: setting('channel_binding') === 'prefer',
  };
}

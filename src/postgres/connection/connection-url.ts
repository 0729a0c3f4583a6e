import type { Side } from '../endpoint.js';
import { InvalidConnectionError } from '../failures/errors.js';

/** What a URL says, nothing filled in; percent-encoding is undone. */
export interface ConnectionUrl {
  host: string | null;
  port: number | null;
  user: string | null;
  password: string | null;
  database: string | null;
  /** The parameters after the question mark, of libpq's names. */
  parameters: ReadonlyMap<string, string>;
}

const form = 'postgresql://user:password@host:5432/database?sslmode=verify-full';

/** https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS */
const heeded = new Set([
  ...[
    'host',
    'port',
    'user',
    'password',
    'dbname',
    'passfile',
    'connect_timeout',
    'application_name',
    'options',
  ],
  ...[
    'sslmode',
    'sslrootcert',
    'sslcert',
    'sslkey',
    'sslpassword',
    'sslnegotiation',
    'ssl',
    'channel_binding',
  ],
  ...['ssl_min_protocol_version', 'ssl_max_protocol_version'],
]);

/** Harmless where they are not heeded, or words of other tools that providers put in the URLs that they hand out. */
const ignored = new Set([
  ...['keepalives', 'keepalives_idle', 'keepalives_interval', 'keepalives_count', 'tcp_user_timeout'],
  ...['fallback_application_name', 'client_encoding', 'target_session_attrs', 'load_balance_hosts'],
  ...['krbsrvname', 'gsslib', 'gssdelegation', 'sslcompression', 'sslsni', 'min_protocol_version'],
  ...['max_protocol_version', 'uselibpqcompat', 'pgbouncer', 'supa'],
]);

/** Would change whom we talk to or how well it is protected, and are not built. */
const refused = new Set([
  ...[
    'hostaddr',
    'service',
    'servicefile',
    'replication',
    'requiressl',
    'requirepeer',
    'require_auth',
    'sslcrl',
  ],
  ...[
    'sslcrldir',
    'sslcertmode',
    'gssencmode',
    'oauth_issuer',
    'oauth_client_id',
    'oauth_client_secret',
    'oauth_scope',
  ],
]);

/**
 * Reads a URL as libpq does: https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS
 *
 * @throws InvalidConnectionError
 */
export function parseConnectionUrl(side: Side, text: string): ConnectionUrl {
  const invalid = (reason: string) => new InvalidConnectionError(side, reason);
  const decode = (encoded: string) => {
    try {
      return decodeURIComponent(encoded);
    } catch {
      throw invalid('a % in it is not followed by two hexadecimal digits; write a % itself as %25');
    }
  };

  const trimmed = text.trim();
  const rest = /^postgres(?:ql)?:\/\/(.*)$/is.exec(trimmed)?.[1];
  if (rest === undefined) {
    throw invalid(
      /^\w+\s*=/.test(trimmed)
        ? `it is a string of key=value pairs; write it as ${form}`
        : `it has to look like ${form}`,
    );
  }
  const [, authority = '', path = '', search = '', hash] =
    /^([^/?#]*)([^?#]*)(\?[^#]*)?(#.*)?$/s.exec(rest) ?? [];
  // A raw / ? or # in a password ends the authority early: half of the password would be a host, and the rest a database or a parameter.
  // Behind the authority an @ is nearly always the one before the host.
  if (hash !== undefined || `${path}${search}`.includes('@')) {
    throw invalid(
      'in a password write @ as %40, / as %2F, ? as %3F, # as %23 and % as %25; elsewhere behind the host write @ as %40, too',
    );
  }
  const at = authority.lastIndexOf('@');
  const [user = '', ...password] = at < 0 ? [''] : authority.slice(0, at).split(':');
  const parameters = readParameters(search.slice(1), decode, invalid);

  const hosts = decode(authority.slice(at + 1));
  if (hosts.includes(',') || parameters.get('host')?.includes(',') || parameters.get('port')?.includes(',')) {
    throw invalid('it names several hosts, and a side of a pair is one server; name that one');
  }
  const address = /^(\[[^\]]*\]|[^:]*)(?::(\d*))?$/.exec(authority.slice(at + 1));
  if (!address) throw invalid('its host and port cannot be read; put an IPv6 address in brackets');
  const host = parameters.get('host') ?? decode(address[1] ?? '').replace(/^\[(.*)\]$/, '$1');
  const port = parameters.get('port') ?? address[2] ?? '';
  if (port !== '' && !(/^\d+$/.test(port) && Number(port) >= 1 && Number(port) <= 65535)) {
    throw invalid('its port is not a number from 1 to 65535');
  }
  return {
    host: host || null,
    port: port === '' ? null : Number(port),
    user: parameters.get('user') ?? (decode(user) || null),
    password: parameters.get('password') ?? (decode(password.join(':')) || null),
    database: parameters.get('dbname') ?? (decode(path.slice(1)) || null),
    parameters,
  };
}

function readParameters(
  search: string,
  decode: (encoded: string) => string,
  invalid: (reason: string) => Error,
): Map<string, string> {
  const parameters = new Map<string, string>();
  for (const [index, pair] of search.split('&').entries()) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const name = decode(equals < 0 ? pair : pair.slice(0, equals));
    if (refused.has(name)) throw invalid(`its parameter ${name} is not supported; leave it out`);
    if (ignored.has(name)) continue;
    // Not by its name: it may be the second half of a password with a raw question mark.
    if (!heeded.has(name) || equals < 0) {
      throw invalid(`the parameter number ${index + 1} after the question mark is none of libpq's`);
    }
    parameters.set(name, decode(pair.slice(equals + 1)));
  }
  return parameters;
}

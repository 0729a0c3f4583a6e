import type { Side } from '../endpoint.js';
import { InvalidConnectionError } from '../failures/errors.js';
import { readUrlParameters } from './url-parameters.js';

/** The decoded parts of a URL, without defaults. */
export interface ConnectionUrl {
  host: string | null;
  port: number | null;
  user: string | null;
  password: string | null;
  database: string | null;
  /** The parameters after the question mark, by libpq's names. */
  parameters: ReadonlyMap<string, string>;
}

const form = 'postgresql://user:password@host:5432/database?sslmode=verify-full';

/** How to decode a part, and how to refuse it. */
interface Reader {
  decode: (encoded: string) => string;
  invalid: (reason: string) => Error;
}

/** The parts of a URL, still percent-encoded. */
interface UrlParts {
  user: string;
  password: string;
  /** Host and port. */
  address: string;
  database: string;
  search: string;
}

/**
 * Reads a URL as libpq does: https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS
 *
 * @throws InvalidConnectionError
 */
export function parseConnectionUrl(side: Side, text: string): ConnectionUrl {
  const reader = readerOf(side);
  const parts = splitUrl(text.trim(), reader);
  const parameters = readUrlParameters(parts.search, reader.decode, reader.invalid);
  const address = readAddress(parts.address, parameters, reader);
  const either = (name: string, part: string) => parameters.get(name) ?? (reader.decode(part) || null);
  return {
    ...address,
    user: either('user', parts.user),
    password: either('password', parts.password),
    database: either('dbname', parts.database),
    parameters,
  };
}

function readerOf(side: Side): Reader {
  const invalid = (reason: string) => new InvalidConnectionError(side, reason);
  const decode = (encoded: string) => {
    try {
      return decodeURIComponent(encoded);
    } catch {
      throw invalid('a % in it is not followed by two hexadecimal digits; write a % itself as %25');
    }
  };
  return { decode, invalid };
}

function splitUrl(url: string, { invalid }: Reader): UrlParts {
  const rest = /^postgres(?:ql)?:\/\/(.*)$/is.exec(url)?.[1];
  if (rest === undefined) {
    const isKeyValue = /^\w+\s*=/.test(url);
    throw invalid(
      isKeyValue ? `it is a string of key=value pairs; write it as ${form}` : `it has to look like ${form}`,
    );
  }
  const [, authority = '', path = '', search = '', hash] =
    /^([^/?#]*)([^?#]*)(\?[^#]*)?(#.*)?$/s.exec(rest) ?? [];
  // An unencoded / ? or # in a password ends the authority early: a part of the password would be taken for the host, the rest for a database or a parameter.
  // An @ after the authority is nearly always the one before the host.
  if (hash !== undefined || `${path}${search}`.includes('@')) {
    throw invalid(
      'in a password write @ as %40, / as %2F, ? as %3F, # as %23 and % as %25; elsewhere behind the host write @ as %40, too',
    );
  }
  const at = authority.lastIndexOf('@');
  const [user = '', ...password] = at < 0 ? [''] : authority.slice(0, at).split(':');
  return {
    user,
    password: password.join(':'),
    address: authority.slice(at + 1),
    database: path.slice(1),
    search: search.slice(1),
  };
}

function readAddress(
  encoded: string,
  parameters: ReadonlyMap<string, string>,
  { decode, invalid }: Reader,
): { host: string | null; port: number | null } {
  const named = [decode(encoded), parameters.get('host'), parameters.get('port')];
  if (named.some((text) => text?.includes(','))) {
    throw invalid('it names several hosts, and a side of a pair is one server; name that one');
  }
  const address = /^(\[[^\]]*\]|[^:]*)(?::(\d*))?$/.exec(encoded);
  if (!address) throw invalid('its host and port cannot be read; put an IPv6 address in brackets');
  const host = parameters.get('host') ?? decode(address[1] ?? '').replace(/^\[(.*)\]$/, '$1');
  return { host: host || null, port: readPort(parameters.get('port') ?? address[2] ?? '', invalid) };
}

function readPort(text: string, invalid: Reader['invalid']): number | null {
  if (text === '') return null;
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < 1 || port > 65535)
    throw invalid('its port is not a number from 1 to 65535');
  return port;
}

import type { Side } from '../postgres/endpoint.js';
import { connectionUrl, postgresUrl } from './connection-url.js';
import type { Environment } from './environment.js';
import type { Problems } from './problems.js';
import type { Secret } from './secret.js';

const urls = ['PRIMARY_URL', 'STANDBY_URL'] as const;
const hosts = ['PRIMARY_HOST', 'STANDBY_HOST'] as const;

export interface Sides {
  primary: Secret;
  standby: Secret;
}

/** The names of the variables that are set and describe the pair `default`; empty if there are none. */
export function defaultPairSettings(environment: Environment): string[] {
  return [...urls, ...hosts].filter((name) => environment.text(name) !== null);
}

/**
 * The pair `default`, from PRIMARY_URL and STANDBY_URL, or from the older PRIMARY_HOST, STANDBY_HOST and
 * POSTGRES_PASSWORD (user postgres, database postgres, port 5432). Null if it has added problems.
 */
export function readDefaultPair(environment: Environment, problems: Problems): Sides | null {
  const byUrl = urls.some((name) => environment.text(name) !== null);
  const byHost = hosts.some((name) => environment.text(name) !== null);
  if (byUrl && byHost) {
    problems.add(
      defaultPairSettings(environment).join(', '),
      'the pair default is described twice: keep PRIMARY_URL and STANDBY_URL, or PRIMARY_HOST and STANDBY_HOST',
    );
    return null;
  }
  return byUrl ? readUrls(environment, problems) : readHosts(environment, problems);
}

function readUrls(environment: Environment, problems: Problems): Sides | null {
  const primary = readUrl('primary', 'PRIMARY_URL', environment, problems);
  const standby = readUrl('standby', 'STANDBY_URL', environment, problems);
  return primary && standby ? { primary, standby } : null;
}

function readHosts(environment: Environment, problems: Problems): Sides | null {
  const password = environment.raw('POSTGRES_PASSWORD');
  if (password === null) problems.add('POSTGRES_PASSWORD', 'not set; PRIMARY_HOST and STANDBY_HOST need it');
  const [primary, standby] = hosts.map((name) => readHost(name, environment, problems));
  if (password === null || !primary || !standby) return null;
  return { primary: postgresUrl(primary, password), standby: postgresUrl(standby, password) };
}

/** The URL in the variable `name`; null if it has added a problem. */
export function readUrl(
  side: Side,
  name: string,
  environment: Environment,
  problems: Problems,
): Secret | null {
  const text = environment.text(name);
  const read = text === null ? { problem: 'not set' } : connectionUrl(side, text, environment);
  if ('url' in read) return read.url;
  problems.add(name, read.problem);
  return null;
}

function readHost(name: string, environment: Environment, problems: Problems): string | null {
  const host = environment.text(name);
  if (host === null) {
    problems.add(name, 'not set');
    return null;
  }
  const isName = /^[A-Za-z0-9._-]+$/.test(host);
  const isIpv6 = /^[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*$/.test(host);
  if (isName || isIpv6) return host;
  problems.add(
    name,
    'expected only a host name or address; for another port, user or database use PRIMARY_URL and STANDBY_URL',
  );
  return null;
}

import { REVERSED, reversedName } from '../contract/pair-name.js';
import { Secret } from './secret.js';
import { type PairConfiguration, type Pairs, type ReplicationUrls, UnknownPairError } from './pairs.js';
import { databaseOf } from '../postgres/connection/connection-config.js';

/** The name of the pair that consists of the database `database` on both servers of `pair`. */
export function pairOfDatabase(pair: string, database: string): string {
  return `${pair}/${database}`;
}

/** The connections of a pair, and the configured pair whose servers it is on. */
export interface ResolvedPair extends PairConfiguration {
  /** The configured pair. The connections to all databases of its servers are counted together. */
  server: string;
  /** Whether its primary is what the configuration calls the standby. */
  reversed: boolean;
}

/**
 * Finds the pair of a name, as {@link resolveForward} does. For `reversed:orders` it is the pair `orders` with its sides exchanged, as they are
 * after a failover.
 *
 * @throws UnknownPairError
 */
export function resolvePair(pairs: Pairs, name: string): ResolvedPair {
  if (!name.startsWith(REVERSED) || pairs.pairNames().includes(name)) return resolveForward(pairs, name);
  const { primary, standby, replication, ...pair } = resolveForward(pairs, reversedName(name));
  return {
    ...pair,
    primary: standby,
    standby: primary,
    replication: exchanged(replication),
    reversed: true,
  };
}

function exchanged({ primary, standby }: ReplicationUrls): ReplicationUrls {
  return { ...(standby && { primary: standby }), ...(primary && { standby: primary }) };
}

/**
 * Finds a configured pair, or, for `orders/appdb`, the database `appdb` on the servers of the pair `orders`: the URLs of
 * `orders` with another database. If several configured names are a prefix of `name`, the longest is used.
 *
 * @throws UnknownPairError if there is no such pair, or if a pair has a shorter name: runs with two names do not exclude each other
 */
function resolveForward(pairs: Pairs, name: string): ResolvedPair {
  const known = pairs.pairNames();
  if (known.includes(name)) return { ...pairs.resolve(name), server: name, reversed: false };
  const [server] = known
    .filter((candidate) => name.startsWith(`${candidate}/`) && name.length > candidate.length + 1)
    .sort((a, b) => b.length - a.length);
  if (server === undefined) throw new UnknownPairError(name, known);
  const database = name.slice(server.length + 1);
  const { primary, standby, ledger, replication } = pairs.resolve(server);
  const isOwn = [primary, standby].every((url) => databaseOf('primary', url.reveal()) === database);
  if (isOwn) {
    throw new UnknownPairError(
      name,
      known,
      `The pair ${JSON.stringify(name)} is the pair ${JSON.stringify(server)} itself: use that name, so that two runs on it exclude each other.`,
    );
  }
  return {
    primary: withDatabase(primary, database),
    standby: withDatabase(standby, database),
    ledger,
    replication: {
      ...(replication.primary && { primary: withDatabase(replication.primary, database) }),
      ...(replication.standby && { standby: withDatabase(replication.standby, database) }),
    },
    server,
    reversed: false,
  };
}

/** The database of a URL is the parameter `dbname`, or else the path. */
function withDatabase(url: Secret, database: string): Secret {
  const [, before = '', query = ''] = /^([^/]*\/\/[^/?]*)[^?]*(\?.*)?$/s.exec(url.reveal().trim()) ?? [];
  const parameters = query
    .slice(1)
    .split('&')
    .filter((parameter) => parameter !== '' && !/^dbname(?:=|$)/.test(parameter));
  const search = parameters.length === 0 ? '' : `?${parameters.join('&')}`;
  return new Secret(`${before}/${encodeURIComponent(database)}${search}`);
}

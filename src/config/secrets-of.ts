import { readConnection } from '../postgres/connection/connection-config.js';
import type { Configuration } from './configuration.js';
import { Environment } from './environment.js';
import { tracingSecrets } from './tracing.js';

/** A shorter value of a header is no token. */
const SHORTEST_TOKEN = 8;
/** A shorter path is no secret, and would be removed from texts that have nothing to do with it. */
const SHORTEST_PATH = 16;

/** The values of the configuration that no log may show: connection URLs, passwords, API keys, encryption keys, NOTIFY_URL, headers for the collector. */
export function secretsOf(
  { pairs, temporal, encryption, notify }: Configuration,
  variables: NodeJS.ProcessEnv,
): string[] {
  const secrets = new Set<string>();
  for (const name of pairs.pairNames()) {
    const { primary, standby, ledger, replication } = pairs.resolve(name);
    const urls = [
      ...[primary, standby, replication.primary, replication.standby].filter((url) => url !== undefined),
      ...(typeof ledger === 'string' ? [] : [ledger]),
    ];
    // The side does not matter: it only appears in errors, and these URLs have been parsed without one before.
    for (const url of urls) {
      for (const secret of readConnection('primary', url.reveal(), variables).secrets) secrets.add(secret);
    }
  }
  const { apiKey, metadata } = temporal.connection.reveal();
  for (const secret of [apiKey, metadata?.['authorization']]) {
    if (typeof secret === 'string') secrets.add(secret);
  }
  for (const key of [encryption.current, ...encryption.others]) {
    if (key !== null) secrets.add(key.reveal().toString('base64'));
  }
  if (notify !== null) {
    const { href, pathname, search } = notify.url.reveal();
    for (const secret of [href, `${pathname}${search}`, pathname]) {
      if (secret.length >= SHORTEST_PATH) secrets.add(secret);
    }
    if (notify.key !== null) secrets.add(notify.key.reveal().toString('base64'));
  }
  for (const secret of tracingSecrets(new Environment(variables))) {
    if (secret.length >= SHORTEST_TOKEN) secrets.add(secret);
  }
  return [...secrets];
}

import { readConnection } from '../postgres/connection/connection-config.js';
import type { Configuration } from './configuration.js';

/** The values of the configuration that no log may show: connection URLs, passwords, API keys, encryption keys. */
export function secretsOf(
  { pairs, temporal, encryption }: Configuration,
  variables: NodeJS.ProcessEnv,
): string[] {
  const secrets = new Set<string>();
  for (const name of pairs.pairNames()) {
    const { primary, standby, ledger, replication } = pairs.resolve(name);
    const urls = [
      ...[primary, standby, replication?.primary, replication?.standby].filter((url) => url !== undefined),
      ...(typeof ledger === 'string' ? [] : [ledger]),
    ];
    // The side is only used in error messages, and these URLs have been parsed without an error before.
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
  return [...secrets];
}

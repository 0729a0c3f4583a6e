import { decodeBase64 } from './base64.js';
import type { Environment } from './environment.js';
import type { Problems } from './problems.js';
import { Secret } from './secret.js';

/** The receiver of notifications, and the key that signs them. */
export interface NotifyConfiguration {
  /** A secret, since the path of a chat system's URL is its password. */
  url: Secret<URL>;
  /** Null: notifications are not signed. */
  key: Secret<Buffer> | null;
}

/** The least and the most bytes of a key that Standard Webhooks allows. */
const SHORTEST_KEY = 24;
const LONGEST_KEY = 64;

/** Reads NOTIFY_URL and NOTIFY_SECRET; null if there is nobody to notify. */
export function readNotify(environment: Environment, problems: Problems): NotifyConfiguration | null {
  const url = environment.text('NOTIFY_URL');
  const secret = environment.text('NOTIFY_SECRET');
  const key = secret === null ? null : readKey(secret, problems);
  if (url === null) {
    if (secret !== null) problems.add('NOTIFY_URL', 'not set, although NOTIFY_SECRET is');
    return null;
  }
  const parsed = readUrl(url, problems);
  return parsed === null ? null : { url: new Secret(parsed), key };
}

function readUrl(text: string, problems: Problems): URL | null {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    problems.add('NOTIFY_URL', 'expected a URL that begins with https:// or http://');
    return null;
  }
  if (url.username !== '' || url.password !== '') {
    problems.add(
      'NOTIFY_URL',
      'cannot have a user or a password; put a token into the path or the query, or let the receiver verify the signature (NOTIFY_SECRET)',
    );
    return null;
  }
  url.hash = '';
  return url;
}

function readKey(text: string, problems: Problems): Secret<Buffer> | null {
  const key = decodeBase64(text.replace(/^whsec_/u, ''));
  if (key !== null && key.length >= SHORTEST_KEY && key.length <= LONGEST_KEY) return new Secret(key);
  problems.add(
    'NOTIFY_SECRET',
    `expected ${SHORTEST_KEY} to ${LONGEST_KEY} bytes in base64, as made by: openssl rand -base64 32`,
  );
  return null;
}

import type { Environment } from './environment.js';
import type { Problems } from './problems.js';
import { Secret } from './secret.js';

/** Bytes of an AES-256 key. */
const keyLength = 32;

/** Keys for payloads, 32 bytes each. */
export interface EncryptionKeys {
  /** Null: payloads are written as they are. */
  current: Secret<Buffer> | null;
  /** That payloads were, or will be, written with elsewhere: they are only read. */
  others: Secret<Buffer>[];
}

/** ENCRYPTION_KEY and, separated by commas, DECRYPTION_KEYS: 32 bytes in base64 each, as `openssl rand -base64 32` makes them. */
export function readEncryptionKeys(environment: Environment, problems: Problems): EncryptionKeys {
  const key = environment.text('ENCRYPTION_KEY');
  const others = environment.text('DECRYPTION_KEYS')?.split(',') ?? [];
  return {
    current: key === null ? null : readKey('ENCRYPTION_KEY', key, problems),
    others: others.flatMap((text) => readKey('DECRYPTION_KEYS', text, problems) ?? []),
  };
}

function readKey(name: string, text: string, problems: Problems): Secret<Buffer> | null {
  const base64 = text.trim();
  const key = Buffer.from(base64, 'base64');
  // Node decodes whatever it can, and forgets the rest.
  if (key.length === keyLength && key.toString('base64') === base64) return new Secret(key);
  problems.add(name, 'expected 32 bytes in base64, as made by: openssl rand -base64 32');
  return null;
}

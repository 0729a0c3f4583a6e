import { decodeBase64 } from './base64.js';
import type { Environment } from './environment.js';
import type { Problems } from './problems.js';
import { Secret } from './secret.js';

/** Bytes of an AES-256 key. */
const KEY_LENGTH = 32;

/** Keys for payloads, 32 bytes each. */
export interface EncryptionKeys {
  /** The key that payloads are encrypted with. Null: payloads are not encrypted. */
  current: Secret<Buffer> | null;
  /** Keys that are only used to decrypt: former keys, and a new key with which other workers encrypt already. */
  others: Secret<Buffer>[];
}

/** Reads ENCRYPTION_KEY, and DECRYPTION_KEYS separated by commas. Each is 32 bytes in base64, from `openssl rand -base64 32`. */
export function readEncryptionKeys(environment: Environment, problems: Problems): EncryptionKeys {
  const key = environment.text('ENCRYPTION_KEY');
  const others = environment.text('DECRYPTION_KEYS')?.split(',') ?? [];
  return {
    current: key === null ? null : readKey('ENCRYPTION_KEY', key, problems),
    others: others.flatMap((text) => readKey('DECRYPTION_KEYS', text, problems) ?? []),
  };
}

function readKey(name: string, text: string, problems: Problems): Secret<Buffer> | null {
  const key = decodeBase64(text.trim());
  if (key?.length === KEY_LENGTH) return new Secret(key);
  problems.add(name, 'expected 32 bytes in base64, as made by: openssl rand -base64 32');
  return null;
}

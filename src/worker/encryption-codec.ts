import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import type { Payload, PayloadCodec } from '@temporalio/common';
import proto from '@temporalio/proto';
import type { EncryptionKeys } from '../config/encryption-keys.js';

const PayloadMessage = proto.temporal.api.common.v1.Payload;

const encoding = 'binary/encrypted';
/** As in NIST SP 800-38D: an initialization vector of 96 random bits for each payload, and a tag of 128 bits. */
const cipher = 'aes-256-gcm';
const IV_LENGTH = 12;
const TAG_LENGTH = 16;

/** A payload was encrypted with a key that this process does not have, or was changed after the encryption. */
export class DecryptionError extends Error {
  override readonly name = 'DecryptionError';
}

/**
 * Encrypts payloads with AES-256-GCM. The data of the encrypted payload has the whole original payload with its metadata:
 * initialization vector, ciphertext, tag. Its metadata names the key. `decode` does not change unencrypted payloads, so that a
 * client without the key, such as the plain `temporal` command, can start runs and send messages.
 *
 * Without a current key nothing is encrypted. The codec then still distinguishes encrypted payloads from invalid ones.
 */
export function encryptionCodec({ current, others }: EncryptionKeys): PayloadCodec {
  const write = current?.reveal() ?? null;
  const all = [...(write === null ? [] : [write]), ...others.map((key) => key.reveal())];
  const keys = new Map(all.map((key) => [keyId(key), key]));
  return {
    encode: (payloads) =>
      Promise.resolve(write === null ? payloads : payloads.map((payload) => encrypt(payload, write))),
    // Async, so that an exception becomes a rejection.
    // eslint-disable-next-line @typescript-eslint/require-await
    decode: async (payloads) => payloads.map((payload) => decrypt(payload, keys)),
  };
}

/** A name for a key that reveals nothing of the key: the first 16 hexadecimal digits of its SHA-256. */
export function keyId(key: Buffer): string {
  return createHash('sha256').update('sequence-failover key\0').update(key).digest('hex').slice(0, 16);
}

function encrypt(payload: Payload, key: Buffer): Payload {
  const id = keyId(key);
  const iv = randomBytes(IV_LENGTH);
  const encrypting = createCipheriv(cipher, key, iv, { authTagLength: TAG_LENGTH }).setAAD(Buffer.from(id));
  const data = Buffer.concat([
    iv,
    encrypting.update(PayloadMessage.encode(payload).finish()),
    encrypting.final(),
    encrypting.getAuthTag(),
  ]);
  return { metadata: { encoding: Buffer.from(encoding), 'encryption-key-id': Buffer.from(id) }, data };
}

function decrypt(payload: Payload, keys: ReadonlyMap<string, Buffer>): Payload {
  if (text(payload.metadata?.['encoding']) !== encoding) return payload;
  const id = text(payload.metadata?.['encryption-key-id']);
  const key = keys.get(id);
  if (key === undefined) {
    throw new DecryptionError(
      `A payload is encrypted with the key ${JSON.stringify(id.slice(0, 100))}, which this process does not have ` +
        `(it has ${keys.size === 0 ? 'none' : [...keys.keys()].join(', ')}): add it to DECRYPTION_KEYS.`,
    );
  }
  const data = payload.data ?? new Uint8Array();
  try {
    const decrypting = createDecipheriv(cipher, key, data.subarray(0, IV_LENGTH), {
      authTagLength: TAG_LENGTH,
    })
      .setAAD(Buffer.from(id))
      .setAuthTag(data.subarray(-TAG_LENGTH));
    const decrypted = [decrypting.update(data.subarray(IV_LENGTH, -TAG_LENGTH)), decrypting.final()];
    return PayloadMessage.decode(Buffer.concat(decrypted));
  } catch (cause) {
    throw new DecryptionError(
      `A payload that names the key ${id} was not encrypted with it, or was changed.`,
      {
        cause,
      },
    );
  }
}

function text(bytes: Uint8Array | null | undefined): string {
  return bytes ? Buffer.from(bytes).toString('utf8') : '';
}

import type { PayloadCodec } from '@temporalio/common';
import { readEncryptionKeys } from '../config/encryption-keys.js';
import { Environment } from '../config/environment.js';
import { Problems } from '../config/problems.js';
import { encryptionCodec } from './encryption-codec.js';

/**
 * The codec with which workers encrypt payloads, for a client or a worker of another program. It goes into `dataConverter.payloadCodecs`.
 *
 * @param variables with ENCRYPTION_KEY and DECRYPTION_KEYS as the workers have them, such as `process.env`
 * @throws ConfigurationError if a key is wrong
 */
export function codecFromEnvironment(variables: Readonly<Record<string, string | undefined>>): PayloadCodec {
  const problems = new Problems();
  const keys = readEncryptionKeys(new Environment(variables), problems);
  problems.throwIfAny();
  return encryptionCodec(keys);
}

import { Client, Connection } from '@temporalio/client';
import type { PayloadCodec } from '@temporalio/common';
import { readEncryptionKeys } from '../config/encryption-keys.js';
import { Environment } from '../config/environment.js';
import { Problems } from '../config/problems.js';
import { readTemporal } from '../config/temporal.js';
import { commandTracing } from './command-tracing.js';
import { describeTrouble } from './follow/trouble.js';
import { noteIfSlow } from './note-if-slow.js';
import { encryptionCodec } from '../worker/encryption-codec.js';
import { commandIdentity } from '../worker/identity.js';
import { shellQuoted } from '../contract/shell.js';

/** Milliseconds to connect to the server. */
const CONNECT_TIMEOUT_MS = 10_000;

/** The server and namespace that a command talks to, as the `temporal` command names them. */
export interface Place {
  address: string;
  namespace: string;
  /** Decodes the payloads that workers have encrypted. */
  codecs: PayloadCodec[];
}

/** The connection could not be made. */
export class TemporalUnreachableError extends Error {
  override readonly name = 'TemporalUnreachableError';

  /** @param remedy the complete next step */
  constructor(
    readonly what: string,
    readonly remedy: string,
    cause: unknown,
  ) {
    super(`${what}: ${remedy}`, { cause });
  }
}

/**
 * Connects with the environment and the profile of the `temporal` command, decodes what workers have encrypted, and disconnects after the
 * work.
 *
 * @param decodes false if the work reads no payload: it can then be done with keys that are wrong
 * @throws ConfigurationError; TemporalUnreachableError
 */
export async function withClient<T>(
  work: (client: Client, place: Place) => Promise<T>,
  { decodes = true }: { decodes?: boolean } = {},
): Promise<T> {
  const environment = new Environment(process.env);
  const problems = new Problems();
  const { address, namespace, connection: options } = readTemporal(environment, problems);
  const codecs = decodes ? [encryptionCodec(readEncryptionKeys(environment, problems))] : [];
  problems.throwIfAny();
  const connection = await noteIfSlow(
    `Temporal at ${address} has not answered yet; still trying`,
    Connection.connect({ ...options.reveal(), connectTimeout: CONNECT_TIMEOUT_MS }),
  ).catch((cause: unknown) => {
    throw new TemporalUnreachableError(
      `Temporal at ${address} cannot be reached`,
      'look at TEMPORAL_ADDRESS, TEMPORAL_PROFILE, TEMPORAL_TLS_… and ' +
        `TEMPORAL_API_KEY, and try: temporal operator cluster health --address ${shellQuoted(address)}`,
      cause,
    );
  });
  try {
    const tracing = commandTracing();
    const client = new Client({
      ...{ connection, namespace, identity: commandIdentity(), dataConverter: { payloadCodecs: codecs } },
      ...(tracing !== null && { interceptors: { workflow: [tracing.client] } }),
    });
    return await work(client, { address, namespace, codecs });
  } catch (error) {
    const trouble = describeTrouble(error, address);
    if (trouble === null || trouble === (error as Error).message) throw error;
    throw new Error(trouble, { cause: error });
  } finally {
    await connection.close();
  }
}

import { setTimeout as pause } from 'node:timers/promises';
import { NativeConnection } from '@temporalio/worker';
import type { NativeConnectionOptions } from '@temporalio/worker';
import type { Log } from '../../activities/dependencies.js';
import type { TemporalConfiguration } from '../config/temporal.js';
import { GRPC_CODES, grpcErrorOf } from '../temporal/grpc-errors.js';
import { shellQuoted } from '../contract/shell.js';

/** Milliseconds. */
export interface ConnectTimeouts {
  /** After this time, no further attempt is made. */
  total: number;
  /** How long one attempt may take. */
  attempt: number;
}

/** Long enough for a Temporal server that was started at the same moment. */
const defaultTimeouts: ConnectTimeouts = { total: 120_000, attempt: 10_000 };
const LONGEST_PAUSE_MS = 5_000;
/** With gzip, a Temporal server in the same network spends a third of its time on compression. See docs/decisions/0018. */
const grpcCompression = { codec: 'none' } as const;
const refusedLogin: readonly number[] = [GRPC_CODES.permissionDenied, GRPC_CODES.unauthenticated];

/**
 * Connects to Temporal. Retries while Temporal cannot be reached, or does not have the namespace yet.
 * @throws Error with the address and what to check, when the time is over, or at once if a retry cannot help
 */
export async function connectToTemporal(
  { address, namespace, connection }: TemporalConfiguration,
  log: Log,
  timeouts: ConnectTimeouts = defaultTimeouts,
): Promise<NativeConnection> {
  const start = performance.now();
  for (let wait = 250; ; wait = Math.min(wait * 2, LONGEST_PAUSE_MS)) {
    try {
      return await attempt(connection.reveal(), namespace, timeouts.attempt);
    } catch (error) {
      const reason = readable(error);
      if (isPermanent(error) || performance.now() - start + wait >= timeouts.total) {
        throw new Error(
          `The namespace ${namespace} of Temporal at ${address} cannot be used: ${reason}. Look at ` +
            'TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_TLS_… and TEMPORAL_API_KEY, and whether the server ' +
            `answers: temporal operator namespace describe --address ${shellQuoted(address)} --namespace ${shellQuoted(namespace)}`,
          { cause: error },
        );
      }
      log.warn({ address, namespace, reason, retryInMs: wait }, 'Temporal cannot be used yet');
      await pause(wait);
    }
  }
}

async function attempt(
  options: NativeConnectionOptions,
  namespace: string,
  timeout: number,
): Promise<NativeConnection> {
  const connecting = NativeConnection.connect({ ...options, grpcCompression });
  const abort = new AbortController();
  const late = pause(timeout, undefined, { signal: abort.signal }).then(() => {
    // The result of this attempt is not needed any more.
    connecting.then((connection) => connection.close()).catch(() => undefined);
    throw new Error(`no answer within ${timeout / 1000} seconds`);
  });
  let connection: NativeConnection;
  try {
    connection = await Promise.race([connecting, late]);
  } finally {
    abort.abort();
    late.catch(() => undefined);
  }
  try {
    // A new server answers a few seconds before its namespaces exist.
    await connection.withDeadline(Date.now() + timeout, () =>
      connection.workflowService.describeNamespace({ namespace }),
    );
    return connection;
  } catch (error) {
    await connection.close();
    throw error;
  }
}

/** An address or a certificate that cannot be parsed, or a login that is refused. */
function isPermanent(error: unknown): boolean {
  const refusal = grpcErrorOf(error);
  if (refusal !== null) return refusedLogin.includes(refusal.code);
  return (
    error instanceof TypeError || (error instanceof Error && /ParseError|InvalidUri/.test(error.message))
  );
}

/** Finds the message of the operating system in a transport error, which the SDK prints as a Rust structure. */
function readable(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const refusal = grpcErrorOf(error);
  if (refusal !== null) return refusal.details || text;
  return /\b(?:message|error): "([^"]+)"/.exec(text)?.[1] ?? text;
}

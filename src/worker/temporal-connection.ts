import { setTimeout as pause } from 'node:timers/promises';
import { isGrpcServiceError } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import type { NativeConnectionOptions } from '@temporalio/worker';
import type { Log } from '../../activities/dependencies.js';
import type { TemporalConfiguration } from '../config/temporal.js';

/** Milliseconds. */
export interface Patience {
  /** After this long no further attempt is made. */
  total: number;
  /** How long one attempt may take. */
  attempt: number;
}

/** Long enough for a Temporal server that was started at the same moment. */
const defaultPatience: Patience = { total: 120_000, attempt: 10_000 };
const longestPause = 5_000;
/** The SDK's gzip is a third of what a run of 10,000 sequences costs a Temporal server near by. See docs/decisions/0018. */
const grpcCompression = { codec: 'none' } as const;
/** PERMISSION_DENIED and UNAUTHENTICATED of https://grpc.io/docs/guides/status-codes/. */
const refusedLogin = [7, 16];

/**
 * Connects to Temporal, again and again while it cannot be reached or has no such namespace yet.
 * @throws Error naming the address and what to look at, when patience ends, or at once where waiting cannot help
 */
export async function connectToTemporal(
  { address, namespace, connection }: TemporalConfiguration,
  log: Log,
  patience: Patience = defaultPatience,
): Promise<NativeConnection> {
  const start = performance.now();
  for (let wait = 250; ; wait = Math.min(wait * 2, longestPause)) {
    try {
      return await attempt(connection.reveal(), namespace, patience.attempt);
    } catch (error) {
      const reason = readable(error);
      if (isMistake(error) || performance.now() - start + wait >= patience.total) {
        throw new Error(
          `The namespace ${namespace} of Temporal at ${address} cannot be used: ${reason}. Look at ` +
            'TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_TLS_… and TEMPORAL_API_KEY, and whether the server ' +
            `answers: temporal operator namespace describe --address ${address} --namespace ${namespace}`,
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
    // Nobody waits for it any more, whatever comes of it.
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
    // A new server answers some seconds before its namespaces are there.
    await connection.withDeadline(Date.now() + timeout, () =>
      connection.workflowService.describeNamespace({ namespace }),
    );
    return connection;
  } catch (error) {
    await connection.close();
    throw error;
  }
}

/** An address or a certificate that cannot even be parsed, or a login that is refused. */
function isMistake(error: unknown): boolean {
  if (isGrpcServiceError(error)) return refusedLogin.includes(error.code);
  return (
    error instanceof TypeError || (error instanceof Error && /ParseError|InvalidUri/.test(error.message))
  );
}

/** The SDK shows the Rust structure of its transport errors; the operating system's own words are inside of it. */
function readable(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  if (isGrpcServiceError(error)) return error.details || text;
  return /\b(?:message|error): "([^"]+)"/.exec(text)?.[1] ?? text;
}

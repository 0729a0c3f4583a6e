import { isGrpcServiceError, ServiceError } from '@temporalio/client';
import { UnansweredError } from '../../client/failover-run.js';

/** Codes of gRPC, by https://grpc.io/docs/guides/status-codes/. */
const CODES = {
  ...{ cancelled: 1, unknown: 2, deadlineExceeded: 4, exhausted: 8 },
  ...{ aborted: 10, internal: 13, unavailable: 14 },
};
const unreached = [
  ...[CODES.cancelled, CODES.unknown, CODES.exhausted, CODES.aborted],
  ...[CODES.internal, CODES.unavailable],
];

/**
 * A description of the trouble, if a query to Temporal failed but may succeed later; null for a permanent error.
 *
 * @param address of the Temporal server
 */
export function describeTrouble(error: unknown, address: string): string | null {
  if (error instanceof UnansweredError) return error.message;
  const cause = error instanceof ServiceError ? error.cause : error;
  if (!isGrpcServiceError(cause)) return null;
  const { details } = cause;
  const code: number = cause.code;
  if (code === CODES.deadlineExceeded) return `Temporal at ${address} does not answer`;
  return unreached.includes(code) ? `The connection to Temporal at ${address} is lost: ${details}` : null;
}

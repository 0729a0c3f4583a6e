import { UnansweredError } from '../../client/failover-run.js';
import { GRPC_CODES, grpcErrorOf } from '../../temporal/grpc-errors.js';

const { cancelled, deadlineExceeded, unknown, resourceExhausted, aborted, internal, unavailable } =
  GRPC_CODES;
/** This program cancels no call: the server does, right before the deadline. */
const silent: readonly number[] = [deadlineExceeded, cancelled];
const lostConnection: readonly number[] = [unknown, resourceExhausted, aborted, internal, unavailable];

/**
 * A description of the trouble, if a query to Temporal failed but may succeed later; null for a permanent error.
 *
 * @param address of the Temporal server
 */
export function describeTrouble(error: unknown, address: string): string | null {
  if (error instanceof UnansweredError) return error.message;
  const failure = grpcErrorOf(error);
  if (failure === null) return null;
  const { code, details } = failure;
  if (silent.includes(code)) return `Temporal at ${address} does not answer`;
  return lostConnection.includes(code)
    ? `The connection to Temporal at ${address} is lost: ${details}`
    : null;
}

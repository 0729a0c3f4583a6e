import { isGrpcServiceError, ServiceError } from '@temporalio/client';

/** The status codes of gRPC that this project tells apart, by https://grpc.io/docs/guides/status-codes/. */
export const GRPC_CODES = {
  cancelled: 1,
  unknown: 2,
  deadlineExceeded: 4,
  notFound: 5,
  permissionDenied: 7,
  resourceExhausted: 8,
  failedPrecondition: 9,
  aborted: 10,
  internal: 13,
  unavailable: 14,
  unauthenticated: 16,
} as const;

/** An answer of gRPC other than success. */
export interface GrpcError {
  code: number;
  /** The server's reason; may be empty. */
  details: string;
}

/**
 * @returns the error of gRPC, also if the SDK has wrapped it in a ServiceError; null for any other error.
 *   The connection of a worker calls its own errors of gRPC ServiceError, too, and these count as one of the client.
 */
export function grpcErrorOf(error: unknown): GrpcError | null {
  const isWrapped = !isGrpcServiceError(error) && error instanceof ServiceError;
  const cause = isWrapped ? error.cause : error;
  return isGrpcServiceError(cause) ? { code: cause.code, details: cause.details } : null;
}

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
 * Finds the error of gRPC in an error of the SDK: in one of a client or of a worker's connection, and in a ServiceError that wraps one.
 *
 * @returns null for any other error
 */
export function grpcErrorOf(error: unknown): GrpcError | null {
  const isWrapped = !isGrpcServiceError(error) && error instanceof ServiceError;
  const cause = isWrapped ? error.cause : error;
  return isGrpcServiceError(cause) ? { code: cause.code, details: cause.details } : null;
}

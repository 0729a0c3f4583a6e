import type { PoolClient } from 'pg';

/** What the server tells a client about its session: https://www.postgresql.org/docs/current/protocol-message-formats.html (BackendKeyData). */
export interface BackendKey {
  /** The process ID. A connection pooler tells its clients one of its own. */
  processId: number;
  /** Authorizes a request to cancel the statement of the session. */
  secretKey: number;
}

/** @returns null if the server has not told it. pg keeps it in fields that its types do not have. */
export function backendKeyOf(session: PoolClient): BackendKey | null {
  const { processID, secretKey } = session as { processID?: number | null; secretKey?: number | null };
  return processID == null || secretKey == null ? null : { processId: processID, secretKey };
}

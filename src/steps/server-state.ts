import type { Identity } from './identity.js';

/** What a server allows the worker's role in the connected database, as one session sees it. */
export interface ServerState {
  identity: Identity;
  /** Why this version is not supported; null if it is. */
  unsupported: string | null;
  inRecovery: boolean;
  /** Why `BEGIN READ WRITE` is refused; null if it works. */
  writesRefused: string | null;
  /** Whether transactions are read-only by default. For information only, since this worker's transactions say READ WRITE. */
  readOnlyByDefault: boolean;
  /** The origin of that default: pg_settings.source. */
  readOnlySource: string;
  /** Whether every role may connect to the database, as it is the default. The fence `no-connections` revokes this. */
  publicMayConnect: boolean;
  /** Roles, quoted where needed, that are read-only in this database by a setting of their own. */
  readOnlyRoles: readonly string[];
  /** The worker's role. */
  user: string;
}

/** The settings that size a server's lock table: https://www.postgresql.org/docs/current/runtime-config-locks.html */
export interface LockSettings {
  maxLocksPerTransaction: number;
  maxConnections: number;
  maxPreparedTransactions: number;
}

/** The largest number of relation locks that this worker holds on one side: in total, and in one transaction. */
export interface LockBudget {
  total: number;
  perTransaction: number;
}

const MOST_PER_TRANSACTION = 500;

/** A tenth of the server's lock table, and no more than half of that for one transaction, so that two run side by side. */
export function lockBudget(settings: LockSettings): LockBudget {
  const { maxLocksPerTransaction, maxConnections, maxPreparedTransactions } = settings;
  const total = Math.max(
    1,
    Math.floor((maxLocksPerTransaction * (maxConnections + maxPreparedTransactions)) / 10),
  );
  return { total, perTransaction: Math.max(1, Math.min(MOST_PER_TRANSACTION, Math.floor(total / 2))) };
}

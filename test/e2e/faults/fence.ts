import { onTestFinished } from 'vitest';
import type { FaultStage, FaultyPair } from './fault-stage.js';
import { query } from './query.js';

/** Fences the pair's primary as an operator does: it takes no connection, and those that it had are ended. */
export async function fence(stage: FaultStage, pair: FaultyPair): Promise<() => Promise<void>> {
  const allow = async (allowed: boolean) => {
    await query(stage.servers.primary.url(), `ALTER DATABASE ${pair.name} ALLOW_CONNECTIONS ${allowed}`);
  };
  const unfence = () => allow(true);
  onTestFinished(unfence);
  await allow(false);
  await pair.databases.primary.sql(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE datname = current_database() AND pid <> pg_backend_pid()`,
  );
  return unfence;
}

import { roleOf } from './login.js';

/** The remedy if a COMMIT waited for a standby of synchronous replication that does not confirm it. */
export function notReplicatedRemedy(error: Error): string {
  return (
    'On the same server, SHOW synchronous_standby_names and SELECT application_name, state, sync_state FROM pg_stat_replication ' +
    "say which standby is missing: bring it back, or do without it: ALTER SYSTEM SET synchronous_standby_names TO ''; SELECT pg_reload_conf(); " +
    `or let this role alone not wait: ALTER ROLE ${roleOf(error)} SET synchronous_commit TO local;`
  );
}

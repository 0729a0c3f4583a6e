/** One migration of the ledger's schema. A released migration is never edited: add a new one for a change. */
export interface Migration {
  version: number;
  /**
   * The lowest version whose workers can still write after this migration. If the migration only adds what older workers can
   * leave out, it is the `leastWriter` of the previous migration.
   */
  leastWriter: number;
  statements: readonly string[];
}

/**
 * The ledger uses no sequences, because on the standby they would have to be moved too. All values of sequences are numeric,
 * because the next value of a sequence at the end of bigint is outside of bigint.
 */
export const migrations: readonly Migration[] = [
  {
    version: 1,
    leastWriter: 1,
    statements: [
      `CREATE TABLE sequence_failover.migrations (
         version integer PRIMARY KEY,
         least_writer integer NOT NULL,
         applied_at timestamptz NOT NULL DEFAULT now()
       )`,
      `CREATE TABLE sequence_failover.runs (
         run_id text PRIMARY KEY,
         workflow_id text NOT NULL,
         pair text NOT NULL,
         mode text,
         requested_by text,
         ticket text,
         buffer jsonb,
         calls numeric,
         started_at timestamptz,
         finished_at timestamptz,
         state text NOT NULL CHECK (state IN ('open', 'completed', 'failed', 'cancelled', 'abandoned')),
         outcome text,
         approvals jsonb NOT NULL DEFAULT '[]',
         primary_server jsonb NOT NULL,
         standby_server jsonb NOT NULL
       )`,
      `CREATE INDEX runs_open ON sequence_failover.runs (pair) WHERE state = 'open'`,
      `CREATE TABLE sequence_failover.sequences (
         run_id text NOT NULL REFERENCES sequence_failover.runs,
         round integer NOT NULL,
         sequence text NOT NULL,
         primary_next numeric,
         standby_before numeric,
         buffer numeric,
         target numeric,
         standby_after numeric,
         outcome text NOT NULL CHECK (outcome IN ('applied', 'kept', 'skipped', 'failed')),
         reason text,
         PRIMARY KEY (run_id, round, sequence)
       )`,
      `COMMENT ON SCHEMA sequence_failover IS 'The record of sequence failover runs'`,
      `COMMENT ON COLUMN sequence_failover.runs.run_id IS 'The first run of the workflow, kept when it continues as new'`,
      `COMMENT ON COLUMN sequence_failover.runs.calls IS 'The buffer in calls of nextval'`,
      `COMMENT ON COLUMN sequence_failover.sequences.primary_next IS 'What nextval would have returned on the primary'`,
      `COMMENT ON COLUMN sequence_failover.sequences.standby_before IS 'What nextval would have returned on the standby before the round'`,
      `COMMENT ON COLUMN sequence_failover.sequences.buffer IS 'The effective buffer in calls of nextval'`,
      `COMMENT ON COLUMN sequence_failover.sequences.standby_after IS 'What nextval would have returned on the standby after the round'`,
    ],
  },
  {
    version: 2,
    leastWriter: 1,
    statements: [
      `ALTER TABLE sequence_failover.sequences ADD COLUMN primary_read_at timestamptz`,
      `CREATE INDEX sequences_read ON sequence_failover.sequences (sequence, primary_read_at DESC)
         WHERE primary_read_at IS NOT NULL`,
      `COMMENT ON COLUMN sequence_failover.sequences.primary_read_at IS 'When primary_next was read'`,
    ],
  },
  {
    // Makes writing a row three times cheaper: one index instead of two, and no check that its run exists. Every worker has
    // written and committed the run before.
    version: 3,
    leastWriter: 1,
    statements: [
      `DROP INDEX sequence_failover.sequences_read`,
      `ALTER TABLE sequence_failover.sequences
         DROP CONSTRAINT sequences_run_id_fkey,
         DROP CONSTRAINT sequences_pkey,
         ADD PRIMARY KEY (run_id, sequence, round)`,
    ],
  },
  {
    version: 4,
    leastWriter: 1,
    statements: [
      `CREATE TABLE sequence_failover.promotions (
         run_id text PRIMARY KEY,
         workflow_id text NOT NULL,
         pair text NOT NULL,
         requested_by text,
         ticket text,
         started_at timestamptz NOT NULL,
         finished_at timestamptz NOT NULL DEFAULT now(),
         state text NOT NULL CHECK (state IN ('rehearsed', 'promoted', 'undone', 'unfinished')),
         outcome text NOT NULL,
         outage_ms bigint,
         certificate jsonb,
         approvals jsonb NOT NULL DEFAULT '[]',
         fence jsonb,
         primary_server jsonb NOT NULL,
         standby_server jsonb NOT NULL
       )`,
      `COMMENT ON COLUMN sequence_failover.promotions.outage_ms IS 'From the fence to the open standby; of a rehearsal what it predicts'`,
      `COMMENT ON COLUMN sequence_failover.promotions.fence IS 'What the fence changed on the old primary, as it was before'`,
    ],
  },
  {
    // For runs without the primary: the evidence of a target. In these rows `primary_next` is presumed, and `primary_read_at` null.
    version: 5,
    leastWriter: 1,
    statements: [
      `ALTER TABLE sequence_failover.sequences ADD COLUMN evidence text, ADD COLUMN evidence_at timestamptz`,
      `COMMENT ON COLUMN sequence_failover.sequences.evidence IS
         'Where the primary was lost: what its presumed next value comes from; ledger, rows or standby'`,
      `COMMENT ON COLUMN sequence_failover.sequences.evidence_at IS 'When that was read'`,
    ],
  },
  {
    version: 6,
    leastWriter: 1,
    statements: [`ALTER TABLE sequence_failover.runs ADD COLUMN buffer_reason text`],
  },
  {
    version: 7,
    leastWriter: 1,
    statements: [
      `ALTER TABLE sequence_failover.runs ADD COLUMN record_digest text`,
      `ALTER TABLE sequence_failover.promotions ADD COLUMN record_digest text`,
      `COMMENT ON COLUMN sequence_failover.runs.record_digest IS 'SHA-256 of the record in the history of the workflow'`,
      `COMMENT ON COLUMN sequence_failover.promotions.record_digest IS 'SHA-256 of the record in the history of the workflow'`,
    ],
  },
  {
    // The facts from which a sequence that the standby lacks can be created again if the primary is lost.
    version: 8,
    leastWriter: 1,
    statements: [
      `ALTER TABLE sequence_failover.sequences ADD COLUMN definition text, ADD COLUMN feeds jsonb`,
      `COMMENT ON COLUMN sequence_failover.sequences.definition IS
         'On the primary: what follows the name in CREATE SEQUENCE, empty for a plain one; null where it was not read'`,
      `COMMENT ON COLUMN sequence_failover.sequences.feeds IS
         'The columns that take their values from it on the primary, quoted; null for none'`,
    ],
  },
  {
    // A row with a definition has an object, also if it is empty. A row without one is of an older version: its defaults are unknown.
    version: 9,
    leastWriter: 1,
    statements: [
      `ALTER TABLE sequence_failover.sequences ADD COLUMN defaults jsonb`,
      `COMMENT ON COLUMN sequence_failover.sequences.defaults IS
         'Defaults on the primary that are more than its nextval, by their columns; null where they were not read'`,
    ],
  },
];

/** A column that the last migration adds. Any role can see in the catalog whether the ledger has it, and so is up to date. */
export const newestColumn = { table: 'sequences', column: 'defaults' } as const;

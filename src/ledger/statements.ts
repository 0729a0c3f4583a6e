import { escapeLiteral } from 'pg';
import type { CloseInput, RecordInput } from '../steps/page-steps.js';
import { arrayLiteral } from '../postgres/array-literal.js';
import type { Query } from '../postgres/endpoint.js';
import type { RecordedDefinition } from '../steps/evidence.js';
import { NotStoredError } from './not-stored.js';
import { databasesOf, onSameDatabases } from './same-databases.js';
import { storable, storableJson } from './storable.js';

/** Records the run, except its state, which {@link closeRun} and {@link abandonRuns} set. */
export async function recordRun(query: Query, { identity, run }: RecordInput): Promise<void> {
  await query(
    `INSERT INTO sequence_failover.runs AS r (run_id, workflow_id, pair, mode, requested_by, ticket, buffer, calls,
       started_at, state, primary_server, standby_server, buffer_reason)
     VALUES ($1, $2, $3, $4, $5, $6, $7::jsonb, $8::numeric, $9::timestamptz, 'open', $10::jsonb, $11::jsonb, $12)
     ON CONFLICT (run_id) DO UPDATE SET (mode, requested_by, ticket, buffer, calls, started_at, buffer_reason) =
       (excluded.mode, excluded.requested_by, excluded.ticket, excluded.buffer, excluded.calls, excluded.started_at, excluded.buffer_reason)
     WHERE (r.mode, r.requested_by, r.ticket, r.buffer, r.calls, r.started_at, r.buffer_reason) IS DISTINCT FROM
       (excluded.mode, excluded.requested_by, excluded.ticket, excluded.buffer, excluded.calls, excluded.started_at, excluded.buffer_reason)`,
    [
      run.runId,
      storable(run.workflowId),
      storable(identity.pair),
      run.mode,
      storable(run.requestedBy),
      storable(run.ticket),
      storableJson(run.buffer),
      run.calls,
      run.startedAt,
      storableJson(identity.primary),
      storableJson(identity.standby),
      storable(run.bufferReason ?? null),
    ],
  );
}

/** Returns a row if `recordRun` has recorded the run. */
export function isRecordedSql({ run }: RecordInput): string {
  return `SELECT FROM sequence_failover.runs WHERE run_id = ${escapeLiteral(run.runId)} AND started_at IS NOT NULL`;
}

/**
 * Records the rows in one statement, however many they are.
 *
 * @param definitions of the primary's sequences, by `sequence`, as far as they are known
 * @param isRetry whether some rows may be recorded already; these are not written again. Without it, such a row is an error, and
 * writing takes half the time
 * @throws NotStoredError
 */
export async function recordSequences(
  query: Query,
  { run, round, primaryReadAt, rows }: RecordInput,
  definitions: ReadonlyMap<string, RecordedDefinition>,
  isRetry: boolean,
): Promise<void> {
  const known = rows.map(({ sequence }) => definitions.get(sequence));
  const [written] = await query<{ count: number }>(
    `WITH written AS (INSERT INTO sequence_failover.sequences AS s (run_id, round, sequence, primary_next, standby_before, buffer,
       target, standby_after, outcome, reason, definition, feeds, defaults, primary_read_at)
     SELECT $1, $2::integer, given.*, CASE WHEN primary_next IS NOT NULL THEN $3::timestamptz END
     FROM unnest($4::text[], $5::numeric[], $6::numeric[], $7::numeric[], $8::numeric[], $9::numeric[], $10::text[], $11::text[],
         $12::text[], $13::jsonb[], $14::jsonb[])
       AS given (sequence, primary_next, standby_before, buffer, target, standby_after, outcome, reason, definition, feeds, defaults)
     ${isRetry ? overwriteChanged : ''} RETURNING 1)
     SELECT count(*)::integer AS count FROM written`,
    [
      run.runId,
      round,
      primaryReadAt,
      rows.map(({ sequence }) => storable(sequence)),
      numbers(rows.map(({ primaryNext }) => primaryNext)),
      numbers(rows.map(({ standbyBefore }) => standbyBefore)),
      numbers(rows.map(({ buffer }) => buffer)),
      numbers(rows.map(({ target }) => target)),
      numbers(rows.map(({ standbyNext }) => standbyNext)),
      arrayLiteral(rows.map(({ outcome }) => outcome)),
      rows.map(({ reason }) => storable(reason)),
      known.map((one) => one?.definition ?? null),
      known.map((one) => (one === undefined || one.feeds.length === 0 ? null : storableJson(one.feeds))),
      known.map((one) => (one?.defaults == null ? null : storableJson(one.defaults))),
    ],
  );
  await recordEvidence(query, { run, round, rows });
  const stored = isRetry ? await countStored(query, { run, round, rows }) : (written?.count ?? 0);
  if (stored < rows.length) throw new NotStoredError('sequences');
}

/** Records the evidence of the rows. Only a run without the primary has any; for other runs, no statement is sent. */
async function recordEvidence(
  query: Query,
  { run, round, rows }: Pick<RecordInput, 'run' | 'round' | 'rows'>,
): Promise<void> {
  const known = rows.filter(({ evidence }) => evidence !== undefined);
  if (known.length === 0) return;
  await query(
    `UPDATE sequence_failover.sequences AS s SET evidence = given.evidence, evidence_at = given.evidence_at
     FROM unnest($3::text[], $4::text[], $5::timestamptz[]) AS given (sequence, evidence, evidence_at)
     WHERE s.run_id = $1 AND s.round = $2::integer AND s.sequence = given.sequence
       AND (s.evidence, s.evidence_at) IS DISTINCT FROM (given.evidence, given.evidence_at)`,
    [
      run.runId,
      round,
      known.map(({ sequence }) => storable(sequence)),
      known.map(({ evidence }) => evidence),
      known.map(({ evidenceAt }) => evidenceAt ?? null),
    ],
  );
}

/** The number of these rows in the ledger. The insert does not count rows that were recorded before and have not changed. */
async function countStored(
  query: Query,
  { run, round, rows }: Pick<RecordInput, 'run' | 'round' | 'rows'>,
): Promise<number> {
  const [row] = await query<{ count: number }>(
    `SELECT count(*)::integer AS count FROM sequence_failover.sequences
     WHERE run_id = $1 AND round = $2::integer AND sequence = ANY ($3::text[])`,
    [run.runId, round, rows.map(({ sequence }) => storable(sequence))],
  );
  return row?.count ?? 0;
}

const overwriteChanged = `
     ON CONFLICT (run_id, sequence, round) DO UPDATE
       SET (primary_next, standby_before, buffer, target, standby_after, outcome, reason, primary_read_at) =
         (excluded.primary_next, excluded.standby_before, excluded.buffer, excluded.target, excluded.standby_after,
          excluded.outcome, excluded.reason, excluded.primary_read_at)
       WHERE (s.primary_next, s.standby_before, s.buffer, s.target, s.standby_after, s.outcome, s.reason,
          s.primary_read_at)
         IS DISTINCT FROM (excluded.primary_next, excluded.standby_before, excluded.buffer, excluded.target,
          excluded.standby_after, excluded.outcome, excluded.reason, excluded.primary_read_at)`;

function numbers(values: readonly (string | null)[]): string {
  return arrayLiteral(values.map((value) => value ?? 'NULL'));
}

/**
 * Records the ending of a run, and the run itself if it ended before its first round was recorded.
 * @throws NotStoredError
 */
export async function closeRun(query: Query, input: CloseInput, digest?: string): Promise<number> {
  const written = await query(
    `INSERT INTO sequence_failover.runs AS r (run_id, workflow_id, pair, state, outcome, approvals, finished_at,
       primary_server, standby_server, record_digest)
     VALUES ($1, $2, $3, $4, $5, $6::jsonb, now(), $7::jsonb, $8::jsonb, $9)
     ON CONFLICT (run_id) DO UPDATE SET (state, outcome, approvals, finished_at, record_digest) =
       (excluded.state, excluded.outcome, excluded.approvals, excluded.finished_at, excluded.record_digest)
     WHERE (r.state, r.outcome, r.approvals, r.record_digest) IS DISTINCT FROM
       (excluded.state, excluded.outcome, excluded.approvals, excluded.record_digest)
     RETURNING 1`,
    [
      input.runId,
      storable(input.workflowId),
      storable(input.identity.pair),
      input.state,
      storable(input.outcome),
      storableJson(input.approvals),
      storableJson(input.identity.primary),
      storableJson(input.identity.standby),
      digest ?? null,
    ],
  );
  const stored = await query(`SELECT FROM sequence_failover.runs WHERE run_id = $1 AND state = $2`, [
    input.runId,
    input.state,
  ]);
  if (stored.length === 0) throw new NotStoredError('runs');
  return written.length;
}

/** Marks the open runs on the pair that began before this one. */
export async function abandonRuns(query: Query, { identity, run }: RecordInput): Promise<void> {
  await query(
    `UPDATE sequence_failover.runs
     SET state = 'abandoned', finished_at = now(),
       outcome = 'the workflow was closed without a record of its outcome; its history has it'
     WHERE pair = $1 AND state = 'open' AND run_id <> $2 AND coalesce(started_at <= $4::timestamptz, true)
       AND ${onSameDatabases('$3')}`,
    [storable(identity.pair), run.runId, databasesOf(identity), run.startedAt],
  );
}

import { ONLY_ON_STANDBY, type RecordedEvidence } from '../steps/evidence.js';
import { serverJson, type Identity, type PairIdentity } from '../steps/identity.js';
import type { Query, Row } from '../postgres/endpoint.js';
import { readLast } from './earlier-readings.js';
import { latestRunsSql, RUNS } from './latest-runs.js';
import { storable } from './storable.js';

/** The primary as the last run of the pair read it. */
export interface LastPrimary {
  identity: Identity;
  /** The time of that reading. */
  readAt: Date;
}

/** The latest run of a pair that read the primary, with one standby. $1 is the pair, $2 the standby. */
const lastRunWithReadings = `
  SELECT r.run_id, r.primary_server, r.started_at FROM sequence_failover.runs r
  WHERE r.pair = $1 AND r.standby_server @> $2::jsonb
    AND EXISTS (SELECT FROM sequence_failover.sequences s WHERE s.run_id = r.run_id AND s.primary_read_at IS NOT NULL)
  ORDER BY r.started_at DESC NULLS LAST LIMIT 1`;

/** The primary that the latest run with this standby has read; null if no run on record has read one. */
export async function readLastPrimary(
  query: Query,
  pair: string,
  standby: Identity,
): Promise<LastPrimary | null> {
  const values = [storable(pair), serverJson(standby)];
  const [last] = await query<{ primary: Identity; readAt: string }>(
    `WITH latest AS (${lastRunWithReadings})
     SELECT primary_server AS primary, (extract(epoch FROM max(s.primary_read_at)) * 1000)::bigint::text AS "readAt"
     FROM latest JOIN sequence_failover.sequences s ON s.run_id = latest.run_id
     GROUP BY primary_server`,
    values,
  );
  if (last === undefined) return null;
  return {
    identity: last.primary,
    readAt: new Date(Number(last.readAt)),
  };
}

/** The latest run that read the primary, with this standby; null if there is none. */
export async function readRunWithReadings(
  query: Query,
  pair: string,
  standby: Identity,
): Promise<string | null> {
  const [row] = await query<{ runId: string }>(
    `SELECT latest.run_id AS "runId" FROM (${lastRunWithReadings}) AS latest`,
    [storable(pair), serverJson(standby)],
  );
  return row?.runId ?? null;
}

/** The sequences that a run found on the primary and had not skipped in the end. */
export async function readNamesOf(query: Query, runId: string): Promise<string[]> {
  const rows = await query<{ sequence: string }>(
    `SELECT s.sequence FROM sequence_failover.sequences s WHERE s.run_id = $1
     GROUP BY s.sequence
     HAVING count(s.primary_next) > 0 AND (array_agg(s.outcome ORDER BY s.round DESC))[1] <> 'skipped'`,
    [runId],
  );
  return rows.map(({ sequence }) => sequence);
}

/** The evidence in the ledger about these sequences, by their names. */
export async function readEvidence(
  query: Query,
  identity: PairIdentity,
  sequences: readonly string[],
): Promise<ReadonlyMap<string, RecordedEvidence>> {
  const readings = await readLast(query, identity, sequences);
  const latest = await readLatestRows(query, identity, sequences);
  return new Map(
    sequences.map((sequence) => {
      const row = latest.get(sequence);
      const evidence: RecordedEvidence = {
        readings: readings.get(sequence) ?? [],
        own: row === undefined ? null : ownMove(row),
        isStandbyOnly: row !== undefined && isStandbyOnly(row),
      };
      return [sequence, evidence];
    }),
  );
}

interface LatestRow extends Row {
  sequence: string;
  primaryNext: string | null;
  standbyNext: string | null;
  outcome: string;
  reason: string | null;
}

async function readLatestRows(
  query: Query,
  { pair, standby }: PairIdentity,
  sequences: readonly string[],
): Promise<Map<string, LatestRow>> {
  const rows = await query<LatestRow>(
    `WITH latest AS (${latestRunsSql('standby', { pair: '$2', server: '$3', runs: '$4' })})
     SELECT given.sequence, last."primaryNext", last."standbyNext", last.outcome, last.reason
     FROM unnest($1::text[]) AS given (sequence), LATERAL (
       SELECT s.primary_next::text AS "primaryNext", s.standby_after::text AS "standbyNext", s.outcome, s.reason
       FROM latest JOIN sequence_failover.sequences s ON s.run_id = latest.run_id AND s.sequence = given.sequence
       ORDER BY latest.started_at DESC NULLS LAST, s.round DESC LIMIT 1
     ) AS last
     WHERE EXISTS (SELECT FROM latest)`,
    [sequences, storable(pair), serverJson(standby), RUNS],
  );
  return new Map(rows.map((row) => [row.sequence, row]));
}

/** Whether only the standby had the sequence. If it came while a run waited, its reason says that first. No column says it. */
function isStandbyOnly({ outcome, reason }: LatestRow): boolean {
  return outcome === 'skipped' && reason?.endsWith(ONLY_ON_STANDBY) === true;
}

function ownMove({ primaryNext, standbyNext, outcome }: LatestRow): RecordedEvidence['own'] {
  if (primaryNext === null || standbyNext === null) return null;
  if (outcome !== 'applied' && outcome !== 'kept') return null;
  return { primaryNext: BigInt(primaryNext), standbyNext: BigInt(standbyNext) };
}

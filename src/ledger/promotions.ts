import type { Query } from '../postgres/endpoint.js';
import type { FenceMemory, PromotionRecord } from '../steps/promotion-steps.js';
import { serverJson, type PairIdentity } from '../steps/identity.js';
import { NotStoredError } from './not-stored.js';
import { storable, storableJson } from './storable.js';

/**
 * The outcome of a promotion that is about to raise its fence. A promotion that ends replaces it; one that is terminated leaves it, so that the next
 * promotion knows the state before the fence.
 */
export const underWay = 'UnderWay: it was about to fence the primary, and has not recorded its end';

/**
 * The condition that a promotion has ended with this type of failure, or is under way. The outcome is the type, a colon, and the message. The
 * type has no column of its own, since an older worker would change the outcome and leave such a column as it was.
 */
const endedAs = (type: 'UnderWay' | 'NotUndone', outcome = 'outcome') =>
  `split_part(${outcome}, ':', 1) = '${type}'`;

/** Records a promotion before its fence, and how it ended. @throws NotStoredError */
export async function recordPromotion(
  query: Query,
  input: PromotionRecord,
  digest?: string,
): Promise<number> {
  const { identity, certificate } = input;
  await query(
    `INSERT INTO sequence_failover.promotions (run_id, workflow_id, pair, requested_by, ticket, started_at, state, outcome,
       outage_ms, certificate, approvals, fence, primary_server, standby_server, record_digest)
     VALUES ($1, $2, $3, $4, $5, $6::timestamptz, $7, $8, $9::bigint, $10::jsonb, $11::jsonb, $12::jsonb, $13::jsonb, $14::jsonb, $15)
     ON CONFLICT (run_id) DO UPDATE
       SET (state, outcome, outage_ms, certificate, approvals, fence, record_digest, finished_at) =
         (excluded.state, excluded.outcome, excluded.outage_ms, excluded.certificate, excluded.approvals, excluded.fence,
          excluded.record_digest, now())
       WHERE ${endedAs('UnderWay', 'promotions.outcome')} AND NOT ${endedAs('UnderWay', 'excluded.outcome')}`,
    [
      input.runId,
      storable(input.workflowId),
      storable(identity.pair),
      storable(input.requestedBy),
      storable(input.ticket),
      input.startedAt,
      input.state,
      storable(input.outcome),
      certificate?.outageMs ?? null,
      certificate === null ? null : storableJson(certificate),
      storableJson(input.approvals),
      input.fence === null ? null : storableJson(input.fence),
      storableJson(identity.primary),
      storableJson(identity.standby),
      digest ?? null,
    ],
  );
  const stored = await query('SELECT FROM sequence_failover.promotions WHERE run_id = $1 AND outcome = $2', [
    input.runId,
    storable(input.outcome),
  ]);
  if (stored.length === 0) throw new NotStoredError('promotions');
  // 1 also if an earlier attempt has written the row, and this one changed nothing.
  return stored.length;
}

/** The table exists from version 4 of the ledger on. An older ledger has no promotions. */
async function hasPromotions(query: Query): Promise<boolean> {
  const found = await query(
    `SELECT FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = 'sequence_failover' AND relname = 'promotions'`,
  );
  return found.length > 0;
}

/** The outage that the latest rehearsal of this pair predicted, in milliseconds; null without a rehearsal. */
export async function readPrediction(
  query: Query,
  { primary, standby }: PairIdentity,
): Promise<number | null> {
  if (!(await hasPromotions(query))) return null;
  const [row] = await query<{ outage: string | null }>(
    `SELECT outage_ms AS outage FROM sequence_failover.promotions
     WHERE state = 'rehearsed' AND primary_server @> $1::jsonb AND standby_server @> $2::jsonb
     ORDER BY finished_at DESC LIMIT 1`,
    [serverJson(primary), serverJson(standby)],
  );
  return row?.outage == null ? null : Number(row.outage);
}

/**
 * When the present primary was last replaced by another server, in milliseconds since 1970; null if it never was, or if nothing is recorded.
 * A promotion that has not recorded its end counts as one that replaced it: it may have opened the standby before it was terminated.
 */
export async function readLastReplaced(query: Query, { primary }: PairIdentity): Promise<number | null> {
  if (!(await hasPromotions(query))) return null;
  const [row] = await query<{ at: string | null }>(
    `SELECT floor(extract(epoch FROM max(finished_at)) * 1000)::bigint::text AS at FROM sequence_failover.promotions
     WHERE (state = 'promoted' OR state = 'unfinished' AND NOT ${endedAs('NotUndone')}) AND primary_server @> $1::jsonb`,
    [serverJson(primary)],
  );
  return row?.at == null ? null : Number(row.at);
}

/** The latest promotion that made another server the primary of the present standby's database. */
export async function readEarlierFence(query: Query, { standby }: PairIdentity): Promise<FenceMemory | null> {
  if (!(await hasPromotions(query))) return null;
  const [row] = await query<{ fence: FenceMemory | null }>(
    `SELECT fence FROM sequence_failover.promotions
     WHERE state IN ('promoted', 'unfinished') AND primary_server @> $1::jsonb
     ORDER BY finished_at DESC LIMIT 1`,
    [serverJson(standby)],
  );
  return row?.fence ?? null;
}

/** A fence that a promotion has not lifted, with the state before it. */
export interface LeftFence {
  workflowId: string;
  runId: string;
  fence: FenceMemory;
  /** Whether the promotion has not recorded its end: it was terminated, and nobody knows what it has done. Otherwise it ended as `NotUndone`. */
  isUnderWay: boolean;
}

/** The fence of the latest promotion that was to fence the present primary, if it ended as `NotUndone` or has not recorded its end. */
export async function readLeftFence(query: Query, { primary }: PairIdentity): Promise<LeftFence | null> {
  if (!(await hasPromotions(query))) return null;
  const [row] = await query<{
    workflowId: string;
    runId: string;
    fence: FenceMemory;
    isUnderWay: boolean;
    left: boolean;
  }>(
    `SELECT workflow_id AS "workflowId", run_id AS "runId", fence, ${endedAs('UnderWay')} AS "isUnderWay",
       state = 'unfinished' AND (${endedAs('NotUndone')} OR ${endedAs('UnderWay')}) AS left
     FROM sequence_failover.promotions
     WHERE fence IS NOT NULL AND primary_server @> $1::jsonb
     ORDER BY finished_at DESC LIMIT 1`,
    [serverJson(primary)],
  );
  if (row?.left !== true) return null;
  const { workflowId, runId, fence, isUnderWay } = row;
  return { workflowId, runId, fence, isUnderWay };
}

import { setTimeout as delay } from 'node:timers/promises';
import { escapeLiteral } from 'pg';
import type { Identity } from '../../steps/identity.js';
import { textArray } from '../array-literal.js';
import type { Endpoint, Row } from '../endpoint.js';

/** How far the subscriber of a slot has confirmed. */
export interface Progress {
  slot: string;
  /** Null if the subscriber has never confirmed anything, or if the slot does not exist. */
  confirmedFlushLsn: string | null;
  /** `missing` and `lost`: it can never confirm. A slot is lost if the server has removed WAL that it needs. */
  state: 'behind' | 'missing' | 'lost';
}

export interface AwaitOptions {
  timeoutMs: number;
  /** Called after each check with the slots that are still behind. An error that it throws ends the wait. */
  onPoll?: (behind: readonly Progress[]) => void;
  /** Returns true as soon as the wait can stop. */
  isOver?: () => boolean;
}

/** In milliseconds, between two checks: short at first, since a live subscription confirms within some hundred. */
const pause = { first: 20, most: 1_000 };

/**
 * Waits until the subscriber of every slot has confirmed the WAL position: it has stored everything before it durably. It writes nothing: the
 * subscriber of an idle server confirms by itself, some hundred milliseconds after it has applied. See hastenConfirmation for less.
 *
 * @param position a result of readWalPosition
 * @returns the slots that are still behind when the wait is over or a slot can never confirm; empty if all have confirmed
 */
export async function awaitConfirmedFlush(
  primary: Endpoint,
  expected: Identity | null,
  slots: readonly string[],
  position: string,
  { timeoutMs, onPoll, isOver }: AwaitOptions,
): Promise<Progress[]> {
  const deadline = performance.now() + timeoutMs;
  for (let wait = pause.first; ; wait = Math.min(wait * 1.5, pause.most)) {
    const behind = await readBehind(primary, expected, slots, position);
    onPoll?.(behind);
    const left = deadline - performance.now();
    if (behind.length === 0 || left <= 0 || isOver?.() === true) return behind;
    if (behind.some(({ state }) => state !== 'behind')) return behind;
    await delay(Math.min(wait, left));
  }
}

/** wal_status exists from PostgreSQL 13 on. */
async function readBehind(
  primary: Endpoint,
  expected: Identity | null,
  slots: readonly string[],
  position: string,
): Promise<Progress[]> {
  const [behind = []] = await primary.read<Progress & Row>({ expected, locks: 0 }, [
    `SELECT wanted.slot, confirmed_flush_lsn::text AS "confirmedFlushLsn",
            CASE WHEN slot_name IS NULL THEN 'missing' WHEN to_jsonb(s) ->> 'wal_status' = 'lost' THEN 'lost' ELSE 'behind' END AS state
       FROM unnest(${textArray(slots)}) WITH ORDINALITY AS wanted (slot, number)
       LEFT JOIN pg_replication_slots s ON slot_name = wanted.slot AND slot_type = 'logical' AND database = current_database()
       WHERE confirmed_flush_lsn >= ${escapeLiteral(position)}::pg_lsn IS NOT TRUE
       ORDER BY number`,
  ]);
  return behind;
}

import { setTimeout as delay } from 'node:timers/promises';
import { escapeLiteral } from 'pg';
import type { Identity } from '../../steps/identity.js';
import { textArray } from '../array-literal.js';
import type { Endpoint, Row } from '../endpoint.js';

export interface Progress {
  slot: string;
  /** Null before the subscriber ever confirmed anything, and where the slot does not exist. */
  confirmedFlushLsn: string | null;
  exists: boolean;
}

export interface AwaitOptions {
  timeoutMs: number;
  /** Called after each look with what is still behind; what it throws ends the wait. */
  onPoll?: (behind: readonly Progress[]) => void;
}

/** Milliseconds between two looks: soon at first, since a live subscription confirms within some hundred. */
const pause = { first: 50, most: 1_000 };

/**
 * Waits until every slot's subscriber has confirmed the WAL position, that is, has everything before it durably. Nothing is written to
 * the primary to hurry it: an idle stream confirms by itself, as soon as the server has written its WAL out.
 *
 * @param position such as readWalPosition returns
 * @returns what is still behind when the time is over or a slot does not exist; empty when all have confirmed
 */
export async function awaitConfirmedFlush(
  primary: Endpoint,
  expected: Identity | null,
  slots: readonly string[],
  position: string,
  { timeoutMs, onPoll }: AwaitOptions,
): Promise<Progress[]> {
  const deadline = performance.now() + timeoutMs;
  for (let wait = pause.first; ; wait = Math.min(wait * 1.5, pause.most)) {
    const behind = await readBehind(primary, expected, slots, position);
    onPoll?.(behind);
    const left = deadline - performance.now();
    if (behind.length === 0 || left <= 0 || behind.some(({ exists }) => !exists)) return behind;
    await delay(Math.min(wait, left));
  }
}

async function readBehind(
  primary: Endpoint,
  expected: Identity | null,
  slots: readonly string[],
  position: string,
): Promise<Progress[]> {
  const [behind = []] = await primary.read<Progress & Row>({ expected, locks: 0 }, [
    `SELECT wanted.slot, confirmed_flush_lsn::text AS "confirmedFlushLsn", slot_name IS NOT NULL AS exists
       FROM unnest(${textArray(slots)}) WITH ORDINALITY AS wanted (slot, number)
       LEFT JOIN pg_replication_slots ON slot_name = wanted.slot AND slot_type = 'logical' AND database = current_database()
       WHERE confirmed_flush_lsn >= ${escapeLiteral(position)}::pg_lsn IS NOT TRUE
       ORDER BY number`,
  ]);
  return behind;
}

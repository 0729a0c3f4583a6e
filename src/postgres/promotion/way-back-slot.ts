import { escapeLiteral } from 'pg';
import type { Identity } from '../../steps/identity.js';
import type { Endpoint } from '../endpoint.js';
import { classify } from '../failures/classify.js';
import { SQLSTATE } from '../failures/sqlstate.js';
import { type CommitLimit, isInTime, lastIfInTime, orTooLate } from './commit-in-time.js';
import { READ_ONLY_BY_DEFAULT } from './fence-state.js';

/** The server_version_num from which PostgreSQL can advance a slot and copy it. */
const ADVANCES_AND_COPIES_SINCE = 120_000;

const slotOf = (slot: string) =>
  `FROM pg_replication_slots WHERE slot_name = ${escapeLiteral(slot)} AND database = current_database()`;

/** The names that this project gives to slots. A slot of another name has no copy. */
const OWN_NAME = /^sequence_failover_/u;

/** The name of the copy that exists for a moment while a slot is saved. The own names are at most 38 bytes long. */
const copyOf = (slot: string) => `${slot}_copy`;

const dropped = (slot: string) => `SELECT pg_drop_replication_slot(slot_name) ${slotOf(slot)}`;

const copied = (from: string, to: string) =>
  `SELECT pg_copy_logical_replication_slot(slot_name, ${escapeLiteral(to)}) ${slotOf(from)} AND NOT EXISTS (SELECT ${slotOf(to)})`;

/** How long the creation of a slot may wait for the end of one transaction, in milliseconds; for all of them three times as long. */
export const SLOT_WAITS_MS = 10_000;

/**
 * A slot of the same name comes from an earlier promotion, and keeps WAL that nobody needs.
 *
 * @param waitsMs how long it may wait for the end of one transaction of the server; then it fails as lock_not_available
 * @throws TooLateError
 */
export async function createSlot(
  standby: Endpoint,
  expected: Identity,
  slot: string,
  limit: CommitLimit | null = null,
  waitsMs: number = SLOT_WAITS_MS,
): Promise<void> {
  await dropSlot(standby, expected, slot, limit);
  await changeSlot(
    standby,
    // On a connection that was used before, a first attempt with a short timeout would use up the limit.
    { expected, locks: 0, lockTimeoutMs: waitsMs, statementTimeoutMs: waitsMs * 3, byNewConnection: true },
    [`SELECT pg_create_logical_replication_slot(${escapeLiteral(slot)}, 'pgoutput')`],
    limit,
  );
}

/** Does nothing if there is no such slot. @throws TooLateError; object_in_use while a receiver is connected to it */
export async function dropSlot(
  endpoint: Endpoint,
  expected: Identity,
  slot: string,
  limit: CommitLimit | null = null,
): Promise<void> {
  const copy = OWN_NAME.test(slot) ? [dropped(copyOf(slot))] : [];
  await changeSlot(endpoint, { expected, locks: 0 }, [dropped(slot), ...copy], limit);
}

/** Slots are in no transaction: the server looks at the time before the change, and not after it. */
async function changeSlot(
  endpoint: Endpoint,
  options: Parameters<Endpoint['read']>[0],
  changes: readonly string[],
  limit: CommitLimit | null,
): Promise<void> {
  await orTooLate(limit, () => endpoint.read(options, [...lastIfInTime(limit), ...changes]));
}

/** The second half of {@link saved}, also after a crash in between. Before PostgreSQL 12 no slot has a copy, and these would fail. */
const finished = (slot: string) => [copied(copyOf(slot), slot), dropped(copyOf(slot))];

/**
 * Makes the position of the slot last. A server writes the position of an advanced slot only at its next checkpoint, and that of a new slot at
 * once, also of one that is copied. The second statement returns a row if it was done. At each moment there is a slot with the position:
 * {@link finished} gives it the right name.
 */
const saved = (slot: string, condition: string) => [
  `${copied(slot, copyOf(slot))} AND ${condition}`,
  `${dropped(slot)} AND ${condition} AND EXISTS (SELECT ${slotOf(copyOf(slot))})`,
  ...finished(slot),
];

/**
 * Advances the slot to the present WAL position, so that older changes are not sent through it. Changes that applications have made since the
 * standby was opened must be sent, so nothing is done if it is open. This is part of the outage: it takes one round trip, unless the server
 * has no room for a second slot.
 *
 * @param limit null: no limit of time, and the standby is not open
 * @returns the position of the slot if it is not safe from a crash of the server before its next checkpoint; null if it is safe
 */
export async function advanceSlot(
  standby: Endpoint,
  expected: Identity,
  slot: string,
  limit: CommitLimit | null = null,
): Promise<string | null> {
  const condition = limit === null ? 'true' : `${READ_ONLY_BY_DEFAULT} AND ${isInTime(limit)}`;
  if ((await standby.version(expected)) < ADVANCES_AND_COPIES_SINCE) {
    const [mayCreate = []] = await standby.read({ expected, locks: 0 }, [`SELECT WHERE ${condition}`]);
    if (mayCreate.length > 0) await createSlot(standby, expected, slot, limit);
    return null;
  }
  const position = `SELECT confirmed_flush_lsn::text AS position ${slotOf(slot)}`;
  const toSave = saved(slot, condition);
  const before = [
    ...finished(slot),
    `SELECT pg_replication_slot_advance(slot_name, pg_current_wal_flush_lsn()) ${slotOf(slot)}
       AND confirmed_flush_lsn < pg_current_wal_flush_lsn() AND ${condition}`,
    position,
  ];
  try {
    const answers = await standby.read<{ position: string }>({ expected, locks: 0 }, [...before, ...toSave]);
    const [, replaced = []] = answers.slice(before.length);
    return replaced.length > 0 ? null : (answers[before.length - 1]?.[0]?.position ?? null);
  } catch (error) {
    // There is no room for a second slot. The slot has been advanced all the same.
    if (classify(error).sqlstate !== SQLSTATE.configurationLimitExceeded) throw error;
    const [[row] = []] = await standby.read<{ position: string }>({ expected, locks: 0 }, [position]);
    // Without it, there is only a copy, which may be older.
    if (row === undefined) throw error;
    return row.position;
  }
}

/**
 * Before the way back is enabled: the slot has its name, and a position that was not saved is restored, since after a crash of the server it may
 * have returned to an earlier one. A slot from which somebody receives is left alone.
 *
 * @param position as {@link advanceSlot} returned it; null if it was saved
 */
export async function readySlot(
  standby: Endpoint,
  expected: Identity,
  slot: string,
  position: string | null,
): Promise<void> {
  if ((await standby.version(expected)) < ADVANCES_AND_COPIES_SINCE) return;
  const advanced = position === null ? [] : [advancedTo(slot, position)];
  await standby.read({ expected, locks: 0 }, [...finished(slot), ...advanced]);
}

function advancedTo(slot: string, position: string): string {
  const lsn = `${escapeLiteral(position)}::pg_lsn`;
  return `SELECT pg_replication_slot_advance(slot_name, ${lsn}) ${slotOf(slot)} AND NOT active AND confirmed_flush_lsn < ${lsn}`;
}

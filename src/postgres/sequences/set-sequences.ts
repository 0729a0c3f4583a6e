import type { Identity } from '../../steps/identity.js';
import type { ApplyReport } from '../../steps/page-steps.js';
import type { Setting } from '../../steps/rows.js';
import { lastValueBefore } from '../../sequences/sequence.js';
import { booleanArray, numericArray, oidArray } from '../array-literal.js';
import type { Endpoint, Row, Side } from '../endpoint.js';
import { describeFailures } from '../failures/describe-failures.js';
import { missingGrants } from './grants.js';
import { concernsOne, WholeAttemptError, type Timeouts } from '../failures/narrow-down-failures.js';
import { narrowDownInParts } from '../failures/narrow-down-in-parts.js';
import {
  positionOf,
  type ReadMethod,
  readsWithoutLocks,
  lookUpSequences,
  type SequenceLookup,
} from './position-source.js';
import { stripeOf, stripesOf, advisoryLockHoldersSql, advisoryLocksSql } from '../session/advisory-locks.js';

const setvalTimeouts: Timeouts = { lockTimeoutMs: 3_000 };

type Failed = ApplyReport['failed'][number];

/**
 * Sets the sequences whose next value is behind their target, each by oid. It never lowers one:
 * - `pg_sequence_last_value` takes RowExclusiveLock, like setval. It waits for a running ALTER SEQUENCE, and keeps the next one waiting. A
 *   plain read takes a weaker lock, and could read a value that is about to be replaced.
 * - Only the next statement sees the values that were committed meanwhile. It reads and sets at once.
 * - setval does not conflict with itself, so advisory locks keep other transactions of this software from setting values in between.
 *
 * It can be repeated: setval outlives a rollback, and a sequence at its target is left alone. A nextval or setval of others at the same
 * moment cannot be prevented.
 *
 * @param options.alone the name of a single sequence: an error that may be temporary is thrown, and not reported; null for a batch
 * @param options.advisoryTimeoutMs how long to wait for other transactions of this software
 * @param options.signal after it is aborted no further batch begins, and its reason is thrown
 * @throws errors that are not about a single sequence, such as a lost connection
 */
export async function setSequences(
  endpoint: Endpoint,
  expected: Identity,
  settings: readonly Setting[],
  {
    alone,
    advisoryTimeoutMs = 45_000,
    signal,
  }: { alone: string | null; advisoryTimeoutMs?: number; signal?: AbortSignal },
): Promise<ApplyReport> {
  const byOid = new Map(settings.map((setting) => [setting.oid, setting]));
  const method = (await readsWithoutLocks(endpoint, expected)) ? 'free' : 'locking';
  const failed = new Map<number, Failed>();
  const attempt = async (oids: readonly number[], { lockTimeoutMs }: Timeouts): Promise<void> => {
    const some = oids.flatMap((oid) => byOid.get(oid) ?? []);
    const options = {
      access: 'read write',
      expected,
      locks: lockCount(oids),
      lockTimeoutMs: advisoryTimeoutMs,
    } as const;
    // After the advisory locks, the lock timeout is that for relations.
    const first = [advisoryLocksSql(oids), `SET LOCAL lock_timeout TO ${lockTimeoutMs}`];
    const turn = { came: false };
    try {
      const unset = await endpoint.transaction({ ...options, first }, async (query) => {
        turn.came = true;
        signal?.throwIfAborted();
        const [, rows = []] = await query.last<UnsetRow>([
          lockSql(oids),
          setSql(some, method),
          walMessageSql,
        ]);
        return rows;
      });
      for (const failure of await explainUnset(endpoint, expected, some, unset))
        failed.set(failure.oid, failure);
    } catch (error) {
      throw turn.came || !concernsOne(error) ? error : advisoryLockTimeout(endpoint.side, error);
    }
  };

  // Every transaction takes its locks in this order, so that no two wait for each other.
  const oids = [...byOid.keys()].sort((a, b) => a - b);
  const size = await endpoint.locksPerTransaction();
  const failures = await narrowDownInParts(endpoint, expected, oids, {
    purpose: 'set',
    timeouts: setvalTimeouts,
    partsOf: (some) => [...partsOf(some, size)],
    attempt,
  });
  for (const [oid, described] of await describeFailures(endpoint, expected, failures)) {
    const { reason, remedy, retryable } = described;
    if (alone !== null && retryable)
      throw new Error(`${alone} is not set yet. ${reason} ${remedy}`, { cause: failures.get(oid)?.error });
    failed.set(oid, { oid, ...described });
  }
  const inOrder = [...byOid.keys()].flatMap((oid) => failed.get(oid) ?? []);
  return { failed: inOrder, done: byOid.size - inOrder.length };
}

/** A lock on each sequence, and one on each of their stripes. */
function lockCount(oids: readonly number[]): number {
  return oids.length + stripesOf(oids).length;
}

/** @param oids in ascending order, so that those of a stripe are neighbours */
function* partsOf(oids: readonly number[], limit: number): Generator<number[]> {
  let chunk: number[] = [];
  let stripes = 0;
  for (const oid of oids) {
    const last = chunk.at(-1);
    const isFirst = last === undefined || stripeOf(last) !== stripeOf(oid);
    if (chunk.length > 0 && chunk.length + stripes + (isFirst ? 2 : 1) > limit) {
      yield chunk;
      chunk = [];
      stripes = 0;
    }
    stripes += isFirst || chunk.length === 0 ? 1 : 0;
    chunk.push(oid);
  }
  if (chunk.length > 0) yield chunk;
}

/**
 * COMMIT waits for synchronous standbys only if the transaction has written something. An earlier attempt may have set the values without a
 * confirmed COMMIT. So if every sequence is at its target already, the transaction writes a message to the WAL, which no table holds and no
 * subscription applies.
 */
const walMessageSql = `SELECT pg_logical_emit_message(true, 'sequence_failover', 'every sequence is at its target')
  WHERE txid_current_if_assigned() IS NULL`;

function advisoryLockTimeout(side: Side, cause: unknown): WholeAttemptError {
  return new WholeAttemptError(
    `Another transaction goes on setting sequences in this database of the ${side}. Which one: ${advisoryLockHoldersSql};`,
    { cause },
  );
}

/** Why some sequences were not set. */
async function explainUnset(
  endpoint: Endpoint,
  expected: Identity,
  settings: readonly Setting[],
  rows: readonly UnsetRow[],
): Promise<Failed[]> {
  if (rows.length === 0) return [];
  const unset = new Map(rows.map((row) => [Number(row.oid), row]));
  const lookup = await lookUpSequences(endpoint, expected, [...unset.keys()]);
  return settings.flatMap((setting) => {
    const row = unset.get(setting.oid);
    if (row === undefined) return [];
    return { oid: setting.oid, ...whyUnset(endpoint.side, setting, lookup, row), retryable: false };
  });
}

/** A sequence for which the role lacks a privilege for the function, or that no longer exists, is left out here, and reported later. */
const lockSql = (oids: readonly number[]) => `
  SELECT count(CASE WHEN has_sequence_privilege(w.oid, 'SELECT, USAGE') THEN pg_sequence_last_value(w.oid::regclass) END)
  FROM unnest(${oidArray(oids)}) w (oid)`;

/**
 * Sets the sequences that are behind, and returns those that are not at their target then. Next values are numeric, since they overflow at
 * the ends of bigint. Values that setval would refuse are not tried, since the whole statement would fail. Everything is looked up by an
 * index, since with a catalog that was never analyzed the planner would read the whole catalog for each sequence.
 */
const setSql = (settings: readonly Setting[], method: ReadMethod) => `
  SELECT * FROM (
    SELECT w.oid::int8, s.seqincrement, s.seqmin, s.seqmax,
           CASE
             WHEN s.seqrelid IS NULL OR p.last_value IS NULL THEN 'gone'
             WHEN NOT has_sequence_privilege(s.seqrelid, 'UPDATE') THEN 'denied'
             WHEN s.seqincrement <> w.increment THEN 'increment differs'
             WHEN (p.last_value + CASE WHEN p.is_called THEN w.increment ELSE 0 END - w.target) * sign(w.increment) >= 0
               THEN 'ahead'
             WHEN w.value NOT BETWEEN s.seqmin AND s.seqmax THEN 'out of bounds'
             WHEN setval(w.oid::regclass, w.value::int8, w.called) IS NOT NULL THEN 'set'
           END AS outcome
    FROM unnest(${oidArray(settings.map(({ oid }) => oid))}, ${numericArray(settings.map(({ increment }) => increment))},
           ${numericArray(settings.map(({ target }) => target))}, ${numericArray(settings.map((one) => valueOf(one).toString()))},
           ${booleanArray(settings.map(({ called }) => called))}) w (oid, increment, target, value, called)
    LEFT JOIN LATERAL (SELECT s.* FROM pg_sequence s WHERE s.seqrelid = w.oid OFFSET 0) s ON true
    LEFT JOIN LATERAL ${positionOf(method, 's.seqrelid')} p ON true
    OFFSET 0
  ) r WHERE outcome IS NULL OR outcome NOT IN ('ahead', 'set')`;

function valueOf({ target, increment, called }: Setting): bigint {
  return lastValueBefore(BigInt(target), BigInt(increment), called);
}

/** A sequence that was not set, with its definition if it still exists. */
interface UnsetRow extends Row {
  oid: string;
  seqincrement: string;
  seqmin: string;
  seqmax: string;
  outcome: 'gone' | 'denied' | 'increment differs' | 'out of bounds' | null;
}

/**
 * The bounds are those of bigint if another type may not hold the value. A bound that is too tight becomes that of integer or bigint: with
 * the value itself as the bound, no value would be left after it.
 */
function widerBounds(sequence: string, value: bigint, { seqmin, seqmax }: UnsetRow): string {
  const [min, max] = [BigInt(seqmin), BigInt(seqmax)];
  const least = value < min ? (value > -(2n ** 31n) ? -(2n ** 31n) : -(2n ** 63n)) : min;
  const most = value > max ? (value < 2n ** 31n - 1n ? 2n ** 31n - 1n : 2n ** 63n - 1n) : max;
  return `ALTER SEQUENCE ${sequence} AS bigint MINVALUE ${String(least)} MAXVALUE ${String(most)};`;
}

function whyUnset(
  side: Side,
  setting: Setting,
  { sequences, role }: SequenceLookup,
  found: UnsetRow,
): { reason: string; remedy: string } {
  const { oid, increment } = setting;
  const seen = sequences.get(oid);
  const grants = seen && missingGrants(seen.privileges, 'set', { ...seen, role });
  if (seen && grants) {
    return {
      reason: `On the ${side}, the role ${role} may not set ${seen.sequence}.`,
      remedy: `on the ${side}, as the owner or a superuser: ${grants}`,
    };
  }
  const sequence = seen?.sequence ?? `the sequence with oid ${oid}`;
  switch (found.outcome) {
    case 'increment differs':
      return {
        reason: `On the ${side}, ${sequence} has the increment ${found.seqincrement} now; ${increment} was expected.`,
        remedy: `no action is needed if that was intended; otherwise on the ${side}, as the owner or a superuser: ALTER SEQUENCE ${sequence} INCREMENT BY ${increment};`,
      };
    case 'out of bounds':
      return {
        reason: `${valueOf(setting).toString()} is outside the bounds of ${sequence} on the ${side}, ${found.seqmin} to ${found.seqmax}.`,
        remedy: `no action is needed if that was intended; otherwise on the ${side}, as the owner or a superuser: ${widerBounds(sequence, valueOf(setting), found)}`,
      };
    default:
      return {
        reason: `The sequence with oid ${oid} was dropped, moved or renamed on the ${side}.`,
        remedy: 'No action is needed if that was intended: the sequences are listed again',
      };
  }
}

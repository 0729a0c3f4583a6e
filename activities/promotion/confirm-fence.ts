import { Context } from '@temporalio/activity';
import { listFirst } from '../../src/contract/list-first.js';
import { WAITING_WORKERS } from '../../src/planning/pair/replication-findings.js';
import type { FencePolicy } from '../../src/contract/promotion-input.js';
import type { Endpoint } from '../../src/postgres/endpoint.js';
import { readFenceMemory } from '../../src/postgres/promotion/fence-state.js';
import { isOn } from '../../src/steps/pg-boolean.js';
import { findWriters } from '../../src/postgres/promotion/writers.js';
import { readOtherSubscriptions, readSlotsOf } from '../../src/postgres/promotion/other-subscriptions.js';
import { readLeastConfirmed } from '../../src/postgres/promotion/least-confirmed.js';
import { awaitConfirmedFlush } from '../../src/postgres/replication/await-confirmed-flush.js';
import { hastenConfirmation } from '../../src/postgres/replication/hasten-confirmation.js';
import { readWalPosition } from '../../src/postgres/replication/read-wal-position.js';
import type { Identity, PairIdentity } from '../../src/steps/identity.js';
import type { ConfirmFenceInput, PromotionActivities } from '../../src/steps/promotion-steps.js';
import { finalFailure } from '../../src/steps/failures.js';
import { onSide } from '../activity-failure.js';
import type { Dependencies, Pair } from '../dependencies.js';
import { withHeartbeat } from '../heartbeat.js';
import { assertNothingPrepared, stillThere, untilGone } from './end-writers.js';
import { findChangedTables } from '../changed-tables.js';
import { pairOf } from './pair-of.js';
import { patience } from './patience.js';

/** How long the end of sessions that logged in during the fence may take, in milliseconds. */
const ENDED_WITHIN_MS = 5_000;

/**
 * Waits until the standby has confirmed a position: that of the fence or, after the sequences were verified, the primary's present one. If
 * somebody has written to the primary since the fence, the promotion ends. Nothing is lost then: the primary gets its writes back.
 *
 * Changed tables are reported at once, since a standby that lacks a table may never confirm.
 */
export function confirmFence(dependencies: Dependencies): PromotionActivities['confirmFence'] {
  return ({ identity, fence, slots, withinMs, lsn: given, fencedAt, dry, tables }) =>
    withHeartbeat(async () => {
      const pair = pairOf(dependencies, identity);
      const { primary } = pair;
      const hasten = oneAtATime(() => hastenConfirmation(pair, identity));
      const expected = identity.primary;
      return onSide('primary', async () => {
        if (given === null && !dry) {
          await assertNoWriter(pair, { identity, fence, withinMs }, fencedAt);
          await assertStands(primary, expected, fence);
          await assertNothingPrepared(primary, expected);
          await assertNoOtherSubscription(pair, identity, slots);
        }
        const lsn = given ?? (await readWalPosition(primary, expected));
        let isOver = false;
        const comparison = tables === undefined ? [] : findChangedTables(pair, identity, tables);
        const [behind, findings] = await Promise.all([
          awaitConfirmedFlush(primary, expected, slots, lsn, {
            timeoutMs: patience(withinMs),
            onPoll: (late) => {
              Context.current().cancellationSignal.throwIfAborted();
              if (late.length > 0) hasten();
            },
            isOver: () => isOver,
          }),
          Promise.resolve(comparison).then(
            (found) => {
              const changed = found ?? [];
              isOver = changed.length > 0;
              return changed;
            },
            (error: unknown) => {
              isOver = true;
              throw error;
            },
          ),
        ]);
        if (findings.length > 0) return { lsn, confirmedLsn: null, findings };
        const [late] = behind;
        if (late !== undefined) {
          throw finalFailure(
            'Unworkable',
            late.state === 'behind'
              ? `the slot ${late.slot} has confirmed ${late.confirmedFlushLsn ?? 'nothing'}, but not ${given === null ? 'the present position of the primary' : 'the position of the fence'}, ${lsn}; see what its apply worker waits for, on the standby: ${WAITING_WORKERS} if this shows none, the server log of the standby says why it does not run, such as a login that the primary refuses; start again when it has caught up`
              : `the primary ${late.state === 'lost' ? 'has removed WAL that it needs for' : 'no longer has'} the slot ${late.slot}, by which the standby receives, so the standby can never catch up; follow the remedy of ${late.state === 'lost' ? 'SLOT_LOST' : 'SLOT_MISSING'}, which a run in the mode check shows, and start again`,
          );
        }
        const confirmed = await readLeastConfirmed(primary, expected, slots);
        return { lsn, confirmedLsn: slots.length === 0 ? null : (confirmed ?? lsn) };
      });
    });
}

/**
 * A session that logged in while the fence was raised counts as one from before, although it is read-only: it is ended now.
 *
 * @throws ApplicationFailure if a session writes, or stays
 */
async function assertNoWriter(
  pair: Pair,
  { identity, fence, withinMs }: Pick<ConfirmFenceInput, 'identity' | 'fence' | 'withinMs'>,
  fencedAt: string,
): Promise<void> {
  const search = { before: fencedAt, except: fence.except, end: false };
  const { listed } = await findWriters(pair.primary, identity.primary, search);
  if (listed.some(({ writing }) => writing)) throw stillThere({ listed, beginning: [] });
  if (listed.length > 0)
    await untilGone(pair, { identity, fence, withinMs: Math.min(withinMs, ENDED_WITHIN_MS) }, fencedAt);
}

/**
 * A subscription that began to receive from the primary after the check: nobody has waited for its rows, and the opening would not disable it.
 *
 * @throws ApplicationFailure naming it
 */
async function assertNoOtherSubscription(
  { primary, standby }: Pair,
  identity: PairIdentity,
  slots: readonly string[],
): Promise<void> {
  const others = await onSide('standby', () => readOtherSubscriptions(standby, identity.standby, slots));
  const ofPrimary = new Set(
    await readSlotsOf(
      primary,
      identity.primary,
      others.map(({ slot }) => slot),
    ),
  );
  const names = others.filter(({ slot }) => ofPrimary.has(slot)).map(({ name }) => name);
  if (names.length === 0) return;
  throw finalFailure(
    'Unworkable',
    `the standby receives from the primary by ${listFirst(names, 5)}, which did not do so at the check of the promotion; start again, so that the promotion waits for its rows, too`,
  );
}

/** Somebody may have lifted the fence meanwhile, for example by the statements that the status shows. @throws ApplicationFailure */
async function assertStands(primary: Endpoint, expected: Identity, fence: FencePolicy): Promise<void> {
  if (fence.kind === 'workflow') return;
  const { readOnly, connect } = await readFenceMemory(primary, expected, fence);
  const [writable] = readOnly.roles;
  const changed = !isOn(readOnly.database)
    ? 'its database is no longer read-only by default'
    : writable !== undefined
      ? `the role ${JSON.stringify(writable.role)} is no longer read-only by default`
      : connect?.revoked.some(({ role }) => role === null) === true
        ? 'PUBLIC may connect again'
        : null;
  if (changed === null) return;
  throw finalFailure(
    'Unworkable',
    `somebody has changed the fence of the primary: ${changed}, so applications may have written to it; find out who did (log_statement = ddl puts such statements into the server's log), and start again`,
  );
}

/**
 * @returns a function that starts the work, unless the work of an earlier call is still running. Nobody waits for the work, and its failure
 * is ignored
 */
function oneAtATime(work: () => Promise<void>): () => void {
  let isRunning = false;
  const ended = () => {
    isRunning = false;
  };
  return () => {
    if (isRunning) return;
    isRunning = true;
    work().then(ended, ended);
  };
}

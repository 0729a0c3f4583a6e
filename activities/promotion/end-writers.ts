import { listFirst } from '../../src/contract/list-first.js';
import { type ApplicationFailure, Context } from '@temporalio/activity';
import { setTimeout as delay } from 'node:timers/promises';
import { quoteLiteral } from '../../src/sequences/identifier.js';
import { countSessions, findWriters, readClock, readPrepared } from '../../src/postgres/promotion/writers.js';
import type { Writers } from '../../src/postgres/promotion/writers.js';
import { readWalPosition } from '../../src/postgres/replication/read-wal-position.js';
import type { EndWritersInput, PromotionActivities } from '../../src/steps/promotion-steps.js';
import { finalFailure } from '../../src/steps/failures.js';
import { onSide } from '../activity-failure.js';
import type { Dependencies, Pair } from '../dependencies.js';
import { withHeartbeat } from '../heartbeat.js';
import { pairOf } from './pair-of.js';
import { patience } from './patience.js';

/** The pause between two checks, in milliseconds. */
const PAUSE_MS = 20;

/** Ends the sessions that could still write, and waits until they are gone. Everything that they committed lies before the position that it returns. */
export function endWriters(dependencies: Dependencies): PromotionActivities['endWriters'] {
  return (input) =>
    withHeartbeat(async () => {
      const pair = pairOf(dependencies, input.identity);
      const { primary } = pair;
      const expected = input.identity.primary;
      return onSide('primary', async () => {
        const fencedAt = await readClock(primary, expected);
        const sessions = input.dry
          ? await countSessions(primary, expected, input.fence.except)
          : await untilGone(pair, input, fencedAt);
        return { lsn: await readWalPosition(primary, expected), sessions, fencedAt };
      });
    });
}

/**
 * Ends the sessions that began before the fence, or that have written.
 *
 * @returns how many sessions there were
 * @throws ApplicationFailure naming those that stay
 */
export async function untilGone(
  { primary }: Pair,
  { identity, fence, withinMs }: Omit<EndWritersInput, 'dry'>,
  fencedAt: string,
): Promise<number> {
  const deadline = performance.now() + patience(withinMs);
  const search = { before: fencedAt, except: fence.except, end: fence.kind !== 'workflow' };
  const ended = new Set<number>();
  let waitedFor: Set<number> | null = null;
  for (;;) {
    Context.current().cancellationSignal.throwIfAborted();
    const writers = await findWriters(primary, identity.primary, search);
    for (const { pid } of writers.listed) ended.add(pid);
    waitedFor ??= new Set(writers.beginning);
    const known = waitedFor;
    const beginning = writers.beginning.filter((pid) => known.has(pid));
    if (writers.listed.length === 0 && beginning.length === 0) break;
    if (performance.now() >= deadline) throw stillThere({ listed: writers.listed, beginning });
    await delay(PAUSE_MS);
  }
  await assertNothingPrepared(primary, identity.primary);
  return ended.size;
}

/** @throws ApplicationFailure naming the first that cannot be fenced */
export async function assertNothingPrepared(
  primary: Pair['primary'],
  expected: EndWritersInput['identity']['primary'],
): Promise<void> {
  const [gid] = await readPrepared(primary, expected);
  if (gid === undefined) return;
  throw finalFailure(
    'Unworkable',
    `the primary has the prepared transaction ${gid}, which could be committed after the fence; on the primary, in its database: COMMIT PREPARED ${quoteLiteral(gid)}; or ROLLBACK PREPARED ${quoteLiteral(gid)}; and start again`,
  );
}

const SESSIONS_NAMED = 10;

export function stillThere({ listed, beginning }: Writers): ApplicationFailure {
  const sessions = [
    ...listed.map(
      ({ pid, role, application, writing }) =>
        `process ${pid} (${[role, application, writing ? 'writing' : ''].filter((text) => text !== '').join(', ')})`,
    ),
    ...beginning.map((pid) => `process ${pid} (a session that is just starting)`),
  ];
  return finalFailure(
    'Unworkable',
    `sessions that could write to the primary were still open when the time for ending them was over: ${listFirst(sessions, SESSIONS_NAMED)}; end each of them, as a superuser on the primary: SELECT pg_terminate_backend(<process>); or name its role in "except" if it never writes; then start again`,
  );
}

import { setTimeout as delay } from 'node:timers/promises';
import type { Mode } from '../src/contract/input.js';
import type { SideOfPair } from '../src/contract/side.js';
import type { Finding } from '../src/contract/status.js';
import type { PairIdentity } from '../src/steps/identity.js';
import type { PlannedSequence } from '../src/steps/rows.js';
import { beingChanged } from '../src/planning/sequence/verification-findings.js';
import { type Blocker, describeBlocker, inspectBlocker } from '../src/postgres/failures/blockers.js';
import { readLocked } from '../src/postgres/sequences/read-locked.js';
import { onSide } from './activity-failure.js';
import type { Pair } from './dependencies.js';
import type { PageOfPair } from './page-of-pair.js';

/** In milliseconds: a replicated TRUNCATE … RESTART IDENTITY, for example, holds its locks for less. */
const BRIEFLY_MS = 2_000;

/** The names of sequences, by their oids on each side that was read. */
export type NamesByOid = Partial<Record<SideOfPair, ReadonlyMap<number, string>>>;

/** The names of planned sequences that are not skipped. */
export class PlannedNames {
  readonly primary = new Map<number, string>();
  readonly standby = new Map<number, string>();

  add(rows: readonly PlannedSequence[]): void {
    for (const { sequence, outcome, oid, primaryOid } of rows) {
      if (outcome === 'skipped') continue;
      if (primaryOid !== undefined) this.primary.set(primaryOid, sequence);
      if (oid !== undefined) this.standby.set(oid, sequence);
    }
  }
}

/** A sequence that somebody is changing. */
export interface Locked {
  side: SideOfPair;
  oid: number;
  blocker: Blocker;
}

/** All sequences of the sides that somebody is changing. */
export async function lockedOn(
  sides: readonly SideOfPair[],
  pair: Pair,
  identity: PairIdentity,
): Promise<Locked[]> {
  const lockedOf = async (side: SideOfPair) => {
    const locked = await onSide(side, () => readLocked(pair[side], identity[side]));
    return [...locked].map(([oid, blocker]): Locked => ({ side, oid, blocker }));
  };
  return (await Promise.all(sides.map(lockedOf))).flat();
}

/** A finding for each of the locked sequences that has a name. */
export function lockedFindings(locked: readonly Locked[], names: NamesByOid): Finding[] {
  return locked.flatMap(({ side, oid, blocker }) => {
    const sequence = names[side]?.get(oid);
    return sequence === undefined
      ? []
      : [beingChanged(sequence, side, describeBlocker(blocker), inspectBlocker(blocker))];
  });
}

/**
 * A `sync` or a `failover` does not look for locks before it sets the sequences: a lock of the standby is noticed then. A failover also looks
 * at each side that it reads after the approval.
 */
const NOTICED_LATER: readonly Mode[] = ['sync', 'failover'];

/**
 * Findings for the planned sequences that a transaction is changing for longer than {@link BRIEFLY_MS}.
 *
 * @param sides those that the plan has read
 */
export async function findChanging(
  { pair, identity }: PageOfPair,
  sides: readonly SideOfPair[],
  mode: Mode,
  rows: readonly PlannedSequence[],
): Promise<Finding[]> {
  if (NOTICED_LATER.includes(mode)) return [];
  const names = new PlannedNames();
  names.add(rows);
  const read = async () =>
    (await lockedOn(sides, pair, identity)).filter(({ side, oid }) => names[side].has(oid));
  const before = await read();
  if (before.length === 0) return [];
  await delay(BRIEFLY_MS);
  const isSame = (one: Locked) => (other: Locked) =>
    other.side === one.side && other.oid === one.oid && other.blocker.pid === one.blocker.pid;
  return lockedFindings(
    (await read()).filter((one) => before.some(isSame(one))),
    names,
  );
}

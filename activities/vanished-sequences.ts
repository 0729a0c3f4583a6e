import type { Finding } from '../src/contract/status.js';
import type { RecordedDefinition } from '../src/steps/evidence.js';
import type { PairIdentity } from '../src/steps/identity.js';
import { type RenamedSequence, renameBack } from '../src/planning/remedies/rename-back.js';
import type { VanishedSequence } from '../src/planning/rows/changed-on-standby.js';
import type { LastReading } from '../src/planning/rows/last-reading.js';
import { vanishedFromStandby } from '../src/planning/sequence/verification-findings.js';
import { readOrigins } from '../src/postgres/sequences/sequence-origins.js';
import type { Pair } from './dependencies.js';
import { readLedger } from './read-ledger.js';

/**
 * If the primary is lost: the finding for each sequence that the standby no longer has under its name, with the statements that bring all
 * of them back in one round.
 */
export async function vanishedSequences(
  pair: Pair,
  identity: PairIdentity,
  vanished: readonly VanishedSequence[],
  readings: ReadonlyMap<number, LastReading>,
): Promise<Finding[]> {
  if (vanished.length === 0) return [];
  const { definitions, unread } = await definitionsOnRecord(pair, identity, vanished);
  const renamed = await renamedSequences(pair, identity, vanished);
  const back = renameBack(renamed);
  const takers = new Map(renamed.map(({ sequence, renamedTo }) => [renamedTo, sequence]));
  return vanished.map((one) =>
    vanishedFromStandby(one, {
      reading: one.oid === undefined ? undefined : readings.get(one.oid),
      definition: definitions.get(one.sequence) ?? { unread },
      back: back.get(one.sequence) ?? null,
      takenBy: takers.get(one.sequence) ?? null,
    }),
  );
}

/** The renamed sequences, each with its owner. */
async function renamedSequences(
  { standby }: Pair,
  identity: PairIdentity,
  vanished: readonly VanishedSequence[],
): Promise<RenamedSequence[]> {
  const renamed = vanished.flatMap(({ sequence, renamedTo, oid }) =>
    renamedTo === null || oid === undefined ? [] : [{ sequence, renamedTo, oid }],
  );
  const origins = await readOrigins(
    standby,
    identity.standby,
    renamed.map(({ oid }) => oid),
  );
  return renamed.map(({ oid, ...one }) => ({ ...one, ownedBy: origins.get(oid)?.ownedBy ?? null }));
}

/** They only make the advice complete. If the ledger cannot be read, the advice says why. */
async function definitionsOnRecord(
  { ledger }: Pair,
  identity: PairIdentity,
  dropped: readonly { sequence: string }[],
): Promise<{ definitions: ReadonlyMap<string, RecordedDefinition>; unread: string | null }> {
  const none = new Map<string, RecordedDefinition>();
  if (ledger === null) return { definitions: none, unread: null };
  const names = dropped.map(({ sequence }) => sequence);
  return readLedger<{ definitions: ReadonlyMap<string, RecordedDefinition>; unread: string | null }>(
    async () => ({ definitions: await ledger.definitions(identity, names), unread: null }),
    (reason) => ({ definitions: none, unread: reason }),
  );
}

import type { Finding } from '../src/contract/status.js';
import { columnFindings } from '../src/planning/sequence/column-findings.js';
import { noFacts, toColumnName } from '../src/planning/column-facts.js';
import { fedByExpression, fedOnPrimaryAlone } from '../src/planning/sequence/differing-columns.js';
import { fedColumns } from '../src/planning/remedies/default-on-primary.js';
import { ledgerUnreadable } from '../src/planning/sequence/evidence-findings.js';
import { compileSkips } from '../src/planning/rows/plan-page.js';
import {
  presumedPrimary,
  type RecordedDefinitions,
  recordedOrigin,
} from '../src/planning/rows/recorded-primary.js';
import type { StandbySequence } from '../src/planning/standby-sequence.js';
import { readColumns } from '../src/postgres/sequences/fed-columns.js';
import type { Policy } from '../src/steps/identity.js';
import type { PageOfPair } from './page-of-pair.js';
import { noteUnread, readLedger } from './read-ledger.js';

/**
 * The definitions on record of the sequences of a page; none if the ledger cannot be read.
 *
 * @param unread gets a finding if the ledger cannot be read
 * @param toFinding makes it
 */
export async function readRecordedDefinitions(
  { pair: { ledger }, identity }: PageOfPair,
  standby: readonly StandbySequence[],
  unread: Finding[],
  toFinding = ledgerUnreadable,
): Promise<RecordedDefinitions> {
  if (ledger === null || standby.length === 0) return new Map();
  const names = standby.map(({ sequence }) => sequence);
  const recorded = await readLedger(
    () => ledger.definitions(identity, names),
    noteUnread(ledger, unread, toFinding),
  );
  return recorded ?? new Map();
}

/**
 * Without the primary: compares the columns of a page with those that the sequences of the primary fed according to the ledger.
 *
 * @param isOfPrimary whether the primary had the sequence when it was last read; an older record may still have a definition of it
 */
export async function compareColumnsWithLedger(
  { pair, identity }: PageOfPair,
  policy: Policy,
  standby: readonly StandbySequence[],
  definitions: RecordedDefinitions,
  isOfPrimary: (sequence: StandbySequence) => boolean,
): Promise<Finding[]> {
  const skipOf = compileSkips(policy);
  const differing = standby.flatMap((sequence) => {
    const recorded = definitions.get(sequence.sequence);
    if (recorded === undefined || !isOfPrimary(sequence) || skipOf(undefined, sequence) !== null) return [];
    const primary = {
      ...presumedPrimary(sequence, recorded),
      // The ledger has no oids of the primary. Here an oid only finds the origin of its sequence, so that of the standby serves.
      oid: sequence.oid,
      ...{ feeds: fedColumns(recorded), byExpression: Object.keys(recorded.defaults ?? {}) },
    };
    const columns = [...fedOnPrimaryAlone(primary, sequence), ...fedByExpression(primary, sequence)];
    return columns.length === 0 ? [] : [{ sequence, recorded, primary, columns }];
  });
  if (differing.length === 0) return [];
  const facts = await readColumns(pair.standby, identity.standby, {
    columns: differing.flatMap(({ columns }) => columns).map(toColumnName),
    schemas: differing.map(({ sequence }) => sequence.schema),
  });
  // The limits are those of the standby, which a narrower type may not hold.
  const origins = new Map(
    differing.map(({ primary, recorded }) => [primary.oid, { ...recordedOrigin(recorded), type: 'bigint' }]),
  );
  return differing.flatMap(({ primary, sequence }) =>
    columnFindings(primary, sequence, { ...noFacts, standby: facts, origins, byLedger: true }),
  );
}

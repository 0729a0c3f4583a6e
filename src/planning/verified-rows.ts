import type { Mode } from '../contract/input.js';
import type { Finding } from '../contract/status.js';
import type { VerifyReport } from '../steps/page-steps.js';
import type { Expectation, PlannedSequence } from '../steps/rows.js';
import { behindItsRows, notAhead } from './verification-findings.js';

/** A row to be proved ahead. */
export type Provable = PlannedSequence &
  Required<Pick<PlannedSequence, 'oid' | 'increment'>> & { buffer: string };

/** The same, of a sequence that can be read on both sides. */
export type Verifiable = Provable & Required<Pick<PlannedSequence, 'primaryOid'>>;

export function isVerifiable(row: PlannedSequence): row is Verifiable {
  return isProvable(row) && row.primaryOid !== undefined;
}

export function isProvable(row: PlannedSequence): row is Provable {
  return (
    (row.outcome === 'applied' || row.outcome === 'kept') &&
    row.oid !== undefined &&
    row.increment !== undefined &&
    row.buffer !== null
  );
}

/**
 * Notes on the rows what a verification read, and that those have failed that are not ahead. In the mode `verify` their outcome
 * stays what would be done about it, and what is behind the rows of its columns is not ahead either; where the mode writes, setval has
 * moved it past them by now.
 */
export function noteVerified(
  expected: readonly Provable[],
  { standbyNext, behind }: Pick<VerifyReport, 'standbyNext' | 'behind'>,
  mode: Mode,
): Finding[] {
  expected.forEach((row, position) => {
    row.standbyNext = standbyNext[position] ?? null;
  });
  const findings = behind.map(([position, headroom]) => {
    const row = expected[position];
    if (row === undefined) throw new RangeError(`no sequence ${position} of ${expected.length}`);
    const finding = notAhead(row.sequence, headroom === null ? null : BigInt(headroom), BigInt(row.buffer));
    if (mode !== 'verify') {
      row.outcome = 'failed';
      row.reason = finding.message;
    }
    return finding;
  });
  if (mode !== 'verify') return findings;
  const known = new Set(behind.map(([position]) => position));
  const behindData = expected.filter((row, position) => row.behindData === true && !known.has(position));
  return [...findings, ...behindData.map(({ sequence }) => behindItsRows(sequence))];
}

export function toExpectation({ oid, primaryOid, increment, buffer, goesRound }: Verifiable): Expectation {
  return { oid, primaryOid, increment, buffer, ...(goesRound === true ? { goesRound } : {}) };
}

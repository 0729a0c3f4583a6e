import type { Finding } from '../../contract/status.js';
import { digest } from '../../steps/digest.js';
import { ONLY_ON_STANDBY } from '../../steps/evidence.js';
import type { PlannedSequence } from '../../steps/rows.js';
import { callingSequences, type ColumnFacts } from '../column-facts.js';
import { rowWithoutValues } from './page-rows.js';

interface Planned {
  rows: PlannedSequence[];
  findings: Finding[];
}

/**
 * An IDENTITY column of the standby that the primary numbers by another sequence makes a finding for each of the two sequences. Only the one
 * with the complete remedy stays: that of the sequence of the IDENTITY, which the statements create again where the primary has it; or, if
 * the standby lacks the other sequence, the one that creates it.
 */
export function oneForEachIdentity({ rows, findings }: Planned, facts: ColumnFacts): Planned {
  const left = new Set(findings);
  const replaced = new Set<string>();
  for (const [column, on] of facts.standby?.columns ?? []) {
    const own = on.feeders.find(({ via }) => via === 'identity')?.sequence;
    const [feeder] = callingSequences(facts.primary?.columns.get(column));
    if (own === undefined || feeder === undefined || feeder === own) continue;
    const ofOwn = findings.find((one) => isAboutFeed(one, own, column));
    if (ofOwn === undefined) continue;
    const missing = findings.find((one) => one.code === 'MISSING_ON_STANDBY' && one.sequence === feeder);
    if (missing === undefined) {
      for (const one of findings)
        if (one.code === 'FEEDS_DIFFER' && isAboutFeed(one, feeder, column)) left.delete(one);
    } else if (ofOwn.code === 'STANDBY_ONLY_FEEDS' && on.feeders.length === 1) {
      left.delete(ofOwn);
      replaced.add(own);
    }
  }
  if (left.size === findings.length) return { rows, findings };
  return {
    rows: rows.map((row) => (replaced.has(row.sequence) ? replacedRow(row) : row)),
    findings: findings.filter((one) => left.has(one)),
  };
}

/** Whether the finding is about this one column that the sequence feeds. */
function isAboutFeed({ code, sequence, things }: Finding, feeder: string, column: string): boolean {
  if (sequence !== feeder) return false;
  if (code === 'STANDBY_ONLY_FEEDS') return true;
  return code === 'FEEDS_DIFFER' && things?.includes(digest(`${feeder} ${column}`)) === true;
}

function replacedRow({ sequence, oid }: PlannedSequence): PlannedSequence {
  const reason = `its column takes its values from another sequence on the primary: ${ONLY_ON_STANDBY}`;
  const row: PlannedSequence = rowWithoutValues(sequence, 'skipped', reason);
  if (oid !== undefined) row.oid = oid;
  return row;
}

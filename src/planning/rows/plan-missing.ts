import type { Finding } from '../../contract/status.js';
import type { RecordedDefinition, RecordedEvidence } from '../../steps/evidence.js';
import { NO_RECORD } from '../../steps/evidence.js';
import { evidenceFields } from '../../steps/sequence-row.js';
import type { SideFacts } from '../../steps/columns.js';
import type { PlannedSequence, PresumedPrimary } from '../../steps/rows.js';
import { parseDefinition } from '../../sequences/definition-text.js';
import { partsOfName, quoteLiteral } from '../../sequences/identifier.js';
import type { Definition } from '../../sequences/sequence.js';
import { missingByRecord } from '../sequence/evidence-findings.js';
import { rowWithoutValues } from './page-rows.js';
import { type EvidenceContext, planByEvidence } from './plan-by-evidence.js';
import { compileSkips } from './plan-page.js';
import { DEFAULTS_NOT_RECORDED, fedColumns } from '../remedies/default-on-primary.js';
import { recordedOrigin } from './recorded-primary.js';
import { createStatements } from '../remedies/standby-statements.js';
import type { StandbySequence } from '../standby-sequence.js';

/** The facts about sequences that the primary had and the standby does not have. */
export interface MissingFacts {
  /** The evidence in the ledger, by sequence. */
  evidence: ReadonlyMap<string, RecordedEvidence>;
  definitions: ReadonlyMap<string, RecordedDefinition>;
  /** Whether the ledger could be read; if not, both are empty. */
  isRead: boolean;
  /** The columns that these sequences fed, as they are on the standby. */
  standby: SideFacts;
}

/** If the primary is lost: the row of each sequence that only the ledger knows, and the statements that create it on the standby. */
export function planMissing(
  context: EvidenceContext,
  sequences: readonly string[],
  facts: MissingFacts,
): { rows: PlannedSequence[]; findings: Finding[] } {
  const skipOf = compileSkips(context.policy);
  const created = sequences.map((sequence) => ({
    sequence,
    presumed: asCreated(sequence, facts.definitions.get(sequence)?.definition ?? ''),
  }));
  const plans = planByEvidence(
    context,
    created.map(({ presumed }) => presumed),
    facts.evidence,
  );
  const planOf = new Map(plans.rows.map((row) => [row.sequence, row]));
  const rows: PlannedSequence[] = [];
  const findings: Finding[] = [];
  for (const { sequence, presumed } of created) {
    const skip = skipOf(undefined, presumed);
    if (skip !== null) {
      rows.push(rowWithoutValues(sequence, 'skipped', skip.reason));
      continue;
    }
    const planned = planOf.get(sequence);
    const finding = missingByRecord(sequence, remedyFor(sequence, presumed, planned, facts));
    const { primaryNext = null } = planned ?? {};
    rows.push({
      ...rowWithoutValues(sequence, 'failed', finding.message),
      primaryNext,
      ...(planned === undefined ? {} : evidenceFields(planned)),
    });
    findings.push(finding);
  }
  return { rows, findings };
}

/** PostgreSQL's InvalidOid: no object has it. */
const NO_OID = 0;

/** The sequence in the state in which CREATE SEQUENCE would leave it on the standby. It has no oid there, and its recorded row gets none. */
function asCreated(sequence: string, text: string): StandbySequence {
  const [schema = '', name = ''] = partsOfName(sequence);
  const definition = parseDefinition(text);
  return {
    ...{ schema, name, sequence, oid: NO_OID, definition },
    ...{ temporary: false, unlogged: false, extension: null, grantsToSet: null },
    ...{ feeds: [], furthest: null, dataNotChecked: null },
    reading: { position: { lastValue: definition.start, isCalled: false } },
  };
}

/** The statements that create the sequence; if its definition is not recorded, only its last recorded value. */
function remedyFor(
  sequence: string,
  presumed: StandbySequence,
  planned: PlannedSequence | undefined,
  { definitions, evidence, isRead, standby }: MissingFacts,
): { statements: string; left?: string } | { last: bigint | null; isRead: boolean } {
  const known = definitions.get(sequence);
  if (known === undefined)
    return { last: (evidence.get(sequence) ?? NO_RECORD).readings[0]?.next ?? null, isRead };
  const primary: PresumedPrimary = {
    ...{ schema: presumed.schema, name: presumed.name, sequence },
    increment: String(presumed.definition.increment),
    min: String(presumed.definition.min),
    max: String(presumed.definition.max),
    cache: String(presumed.definition.cache),
    feeds: fedColumns(known),
    ...(presumed.definition.cycle ? { cycle: true as const } : {}),
  };
  const { statements } = createStatements(primary, recordedOrigin(known), standby);
  return {
    statements: [...statements, ...positionOf(sequence, planned, presumed.definition)].join(' '),
    ...(known.defaults === null ? { left: DEFAULTS_NOT_RECORDED } : {}),
  };
}

/**
 * Sets the sequence to the presumed position of the primary. The next round adds the buffer. A sequence that was used up stays used up, and
 * the next round reports it.
 */
function positionOf(
  sequence: string,
  planned: PlannedSequence | undefined,
  { min, max }: Definition,
): string[] {
  const next = planned?.primaryNext ?? null;
  if (next === null) return [];
  const value = BigInt(next);
  const [to, called] = value < min ? [min, true] : value > max ? [max, true] : [value, false];
  return [`SELECT setval(${quoteLiteral(sequence)}, ${String(to)}, ${String(called)});`];
}

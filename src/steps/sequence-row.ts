import type { SequenceRow } from '../contract/status.js';

type EvidenceFields = Pick<SequenceRow, 'evidence' | 'evidenceAt' | 'evidenceAge' | 'presumed'>;

/** The fields of a row about its evidence; none if the primary was read. */
export function evidenceFields({ evidence, evidenceAt, evidenceAge, presumed }: SequenceRow): EvidenceFields {
  if (evidence === undefined) return {};
  const fields: EvidenceFields = { evidence };
  if (evidenceAt !== undefined) fields.evidenceAt = evidenceAt;
  if (evidenceAge !== undefined) fields.evidenceAge = evidenceAge;
  if (presumed !== undefined) fields.presumed = presumed;
  return fields;
}

/** The fields of the contract, without those that only the steps need. A spread takes ten times as long, and a page has thousands of rows. */
export function toRow(row: SequenceRow): SequenceRow {
  const { sequence, primaryNext, standbyBefore, target, standbyNext, buffer, outcome, reason } = row;
  const shown = { sequence, primaryNext, standbyBefore, target, standbyNext, buffer, outcome, reason };
  return row.evidence === undefined ? shown : { ...shown, ...evidenceFields(row) };
}

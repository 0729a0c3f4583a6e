import type { SequenceRow } from '../contract/status.js';

/** Adds a row of a later round. A sequence that was set, and needed nothing in later rounds, stays `applied`. */
export function addRow(rows: Map<string, SequenceRow>, row: SequenceRow): void {
  const before = rows.get(row.sequence);
  const isKept = row.outcome === 'kept' && before?.outcome === 'applied';
  rows.set(row.sequence, isKept ? { ...before, standbyNext: row.standbyNext } : row);
}

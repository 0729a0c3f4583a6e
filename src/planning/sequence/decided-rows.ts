import type { Policy } from '../../steps/identity.js';
import type { SequenceNames } from '../../steps/rows.js';
import type { RowsChoice } from '../../sequences/rows.js';
import { compileOverrides } from '../../sequences/selection.js';

/** A person's decision about the rows of a sequence. */
export interface DecisionOnRows {
  choice: RowsChoice;
  /** The approver who made the decision at the gate; null if the run's input has it. */
  by: string | null;
}

/**
 * Returns the function that gives the decision about a sequence's rows. A decision at the gate takes precedence over the overrides, of which
 * the last matching one with `rows` counts.
 */
export function compileDecidedRows({
  overrides,
  decidedRows = [],
}: Pick<Policy, 'overrides' | 'decidedRows'>): (sequence: SequenceNames) => DecisionOnRows | null {
  const rules = overrides.flatMap(({ match, rows }) => (rows === undefined ? [] : [{ match, rows }]));
  const byName = new Map(decidedRows.map((one) => [one.sequence, one]));
  if (rules.length === 0 && byName.size === 0) return () => null;
  const override = compileOverrides(rules);
  return ({ schema, name, sequence }) => {
    const decided = byName.get(sequence);
    if (decided !== undefined) return { choice: decided.rows, by: decided.by };
    const rule = override(schema, name);
    return rule === null ? null : { choice: rule.rows, by: null };
  };
}

/** For a sentence such as "…, as alice decided". */
export function decidedText({ by }: DecisionOnRows): string {
  return by === null ? "as the run's overrides say" : `as ${by} decided`;
}

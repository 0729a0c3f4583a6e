import type { Policy } from '../steps/identity.js';
import type { RowsChoice } from '../sequences/rows.js';
import { compileOverrides } from '../sequences/selection.js';

/** What was said about the rows of a sequence. */
export interface DecidedRows {
  choice: RowsChoice;
  /** Who said so at the gate; null for the run's own input. */
  by: string | null;
}

interface Named {
  schema: string;
  name: string;
  /** As the server quotes it, and as people name it at the gate. */
  sequence: string;
}

/** What was said about the rows of each sequence: at the gate by its name, else by the last override that says something of rows. */
export function compileDecidedRows({
  overrides,
  decidedRows = [],
}: Pick<Policy, 'overrides' | 'decidedRows'>): (sequence: Named) => DecidedRows | null {
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
export function decidedText({ by }: DecidedRows): string {
  return by === null ? "as the run's overrides say" : `as ${by} decided`;
}

import { selectionGiven } from '../../src/contract/selection.js';
import type { Policy } from '../../src/steps/identity.js';
import type { Promotion } from './promotion.js';

/** The patterns of the run that handed off, unless the input of the promotion has its own. */
export function selectionFor({
  input,
  record,
}: Pick<Promotion, 'input' | 'record'>): Pick<Policy, 'include' | 'exclude' | 'overrides'> {
  return { include: [], exclude: [], overrides: [], ...(selectionGiven(input) ?? record?.selection) };
}

/** Includes the decisions about rows that were made at the gate of the run that handed off. */
export function policyFor(promotion: Promotion, buffer: Policy['buffer']): Policy {
  const decidedRows = promotion.record?.gate?.decidedRows;
  const decided = decidedRows === undefined ? {} : { decidedRows };
  return { ...selectionFor(promotion), buffer, ...decided };
}

import { upgradeTable } from '../steps/implied.js';
import type { TargetReport } from '../steps/page-steps.js';
import type { RecheckReport } from '../steps/recheck-steps.js';
import type { PlannedSequence } from '../steps/rows.js';
import { unpackTable } from '../steps/table.js';
import type { Step } from './steps.js';

/** The plans that a step has computed; empty for a step that computes none, or that did not complete. */
export function plansIn({ activity, result }: Step): PlannedSequence[] {
  const isPlan = activity === 'computeTargets' || activity === 'computeByEvidence';
  return isPlan && result != null ? unpackTable(upgradeTable((result as TargetReport).rows, 'plan')) : [];
}

/** The result of a recheck, with the primary or of the standby alone; null for another step, and for one that did not complete. */
export function recheckIn({ activity, result }: Step): RecheckReport | null {
  const isRecheck = activity === 'recheckHeadroom' || activity === 'recheckStandby';
  return isRecheck && result != null ? (result as RecheckReport) : null;
}

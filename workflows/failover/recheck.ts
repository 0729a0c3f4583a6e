import type { Finding } from '../../src/contract/status.js';
import { TOP_UPS_AT_MOST } from '../../src/steps/limits.js';
import type { RecheckReport } from '../../src/steps/recheck-steps.js';
import { isLong } from './continuation.js';
import { Progress } from './progress.js';
import { type Recheck, recheckSides } from './recheck-sides.js';
import { checkHandoff, synchronize } from './round.js';
import type { Run } from './run.js';
import { topUp } from './top-up.js';
import { unlessTroubled } from './trouble.js';

/**
 * Reads every sequence of both sides, tops up what fell below half of its buffer, and reads again. What cannot be cured, or a side that
 * cannot be reached, becomes a finding.
 *
 * @param confirmed see `RecheckInput`; it is true of the first reading alone, since the primary may have written more by the next
 */
export async function recheck(run: Run, confirmed = false): Promise<void> {
  await readAndCure(run, confirmed);
  run.checkVerified();
}

async function readAndCure(run: Run, confirmed: boolean): Promise<void> {
  const { state } = run.gate;
  const checked = await unlessTroubled(run, async () => {
    await checkHandoff(run);
    return true;
  });
  if (checked === null) return;
  const progress = new Progress();
  let failures: Finding[] = [];
  for (;;) {
    const rechecked = await recheckSides(run, confirmed && !progress.hasTried);
    if (rechecked === null || rechecked.report.behind === 0) return;
    const { report, behind } = rechecked;
    run.found(behind, [...failures, ...report.notAhead]);
    // A decision wants a recheck of its own, and a history that has grown long is to end.
    if (run.gate.state !== state || (progress.hasTried && isLong())) return;
    if (progress.hasTried && isAccepted(run, report)) return;
    if (!progress.isWorthATry(report.behind)) return;
    const cured = await unlessTroubled(run, async () => {
      if (report.behind <= TOP_UPS_AT_MOST || report.primaryReadAt === null) return cure(run, rechecked);
      await synchronize(run);
      return [];
    });
    if (cured === null) return;
    if (!run.gate.isDecided()) run.toppedUp(report.behind - cured.length);
    failures = cured;
  }
}

/** Whether an approver goes on in spite of all that is behind: then it is tried once, and not again and again. */
function isAccepted(run: Run, { notAhead }: RecheckReport): boolean {
  return run.gate.knowsWarnings && notAhead.every((finding) => run.gate.accepted(finding));
}

/**
 * What was set has reached its target; the next recheck proves it, if there is one.
 *
 * @returns what could not be set
 */
async function cure(run: Run, { report, behind }: Recheck): Promise<Finding[]> {
  const failures = await topUp(run, report.topUps, report.primaryReadAt);
  const failed = new Set(failures.map(({ sequence }) => sequence));
  const left = report.notAhead.filter(({ sequence }) => sequence === null || failed.has(sequence));
  run.found(behind, [...failures, ...left]);
  return failures;
}

import type { Finding } from '../../src/contract/status.js';
import { notToppedUp } from '../../src/planning/sequence/verification-findings.js';
import { TOP_UPS_AT_MOST } from '../../src/steps/limits.js';
import type { RecheckReport } from '../../src/steps/recheck-steps.js';
import { isLong } from './continuation.js';
import { Progress } from './progress.js';
import { type Recheck, recheckSides } from './recheck-sides.js';
import { checkHandoff, synchronize } from './round.js';
import type { Run } from './run.js';
import { topUp } from './top-up.js';
import { orFinding } from './trouble.js';

/**
 * Reads every sequence of both sides, tops up those that fell below half of their buffer, and reads again. A sequence that stays behind, or
 * a side that cannot be reached, becomes a finding.
 *
 * @param confirmed see `RecheckInput`; it holds for the first reading only, since the primary may have written more before the next one
 */
export async function recheck(run: Run, confirmed = false): Promise<void> {
  await readAndTopUp(run, confirmed);
  run.checkVerified();
}

async function readAndTopUp(run: Run, confirmed: boolean): Promise<void> {
  const { state } = run.gate;
  const checked = await orFinding(run, async () => {
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
    run.setFindings(behind, [...failures, ...notToppedUp(report.notAhead, failures)]);
    // After a decision a new recheck starts, and a history that has grown long needs a continue-as-new.
    if (run.gate.state !== state || (progress.hasTried && isLong())) return;
    if (progress.hasTried && isAccepted(run, report)) return;
    if (!progress.isWorthATry(report.behind)) return;
    // Without the primary there is no round, so that the rest is topped up after the next recheck.
    const isRound = report.behind > TOP_UPS_AT_MOST && report.primaryReadAt !== null;
    const notSet = await orFinding(run, async () => {
      if (!isRound) return topUpBehind(run, rechecked);
      await synchronize(run);
      return [];
    });
    if (notSet === null) {
      run.setFindings(behind, notToppedUp(run.findingsOf(behind), run.findingsOf('watch')));
      return;
    }
    if (!run.gate.isDecided()) run.toppedUp((isRound ? report.behind : report.topUps.length) - notSet.length);
    failures = notSet;
  }
}

/** Whether an approver accepted all sequences that are behind. Then they are topped up once, and not again and again. */
function isAccepted(run: Run, { notAhead }: RecheckReport): boolean {
  return run.gate.hasNotedWarnings && notAhead.every((finding) => run.gate.accepted(finding));
}

/**
 * Tops up the sequences that are behind. Their findings go at once, and the next recheck, if there is one, proves that they are ahead.
 *
 * @returns findings for those that could not be set
 */
async function topUpBehind(run: Run, { report, behind }: Recheck): Promise<Finding[]> {
  const failures = await topUp(run, report.topUps, report.primaryReadAt);
  const failed = new Set(failures.map(({ sequence }) => sequence));
  const left = report.notAhead.filter(({ sequence }) => sequence === null || failed.has(sequence));
  run.setFindings(behind, [...failures, ...notToppedUp(left, failures)]);
  return failures;
}

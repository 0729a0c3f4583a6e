import type { FailoverRun, RetriedStep, Snapshot } from '../../client/failover-run.js';
import type { FleetRun } from '../../client/fleet-run.js';
import type { Promotion } from '../../client/promotion.js';
import type { PromotionFleetRun } from '../../client/promotion-fleet.js';
import { findingsLines } from '../../terminal/findings-lines.js';
import { keepRecord } from '../../terminal/last-steps.js';
import { fleetPhaseInWords, phaseInWords, promotionPhaseInWords } from '../../terminal/phase.js';
import { parseFailureText } from '../../contract/failure-text.js';
import { phaseLines } from '../../terminal/phase-lines.js';
import { printable } from '../../contract/printable.js';
import { nextSteps } from '../../terminal/next-step.js';
import { withShortRemedies } from '../../terminal/short-commands.js';
import { stepLines } from '../../terminal/promotion-steps.js';
import { retryLines } from '../../terminal/screens/head.js';
import { promotionFleetNextSteps } from '../../terminal/screens/promotion-fleet-screen.js';
import { promotionNextSteps, promotionSummaryLines } from '../../terminal/screens/promotion-screen.js';
import { explainedSequenceTable } from '../../terminal/sequence-table.js';
import { gateLines } from '../../terminal/status-lines.js';
import { statusAsJson } from '../endings/as-json.js';
import { fleetLines } from '../endings/fleet-ending.js';
import { afterFleet, promotionFleetLines } from '../endings/promotion-fleet-ending.js';
import { undoLines } from '../../terminal/undo-lines.js';
import { withoutStartAgain } from '../../contract/start-again.js';
import { afterFailedRun } from '../../terminal/after-run.js';
import { afterFailedPromotion } from '../../terminal/after-promotion.js';
import { afterwards } from '../endings/promotion-ending.js';
import { nextLines, statusLines } from '../endings/run-ending.js';
import { EXIT } from '../exit-codes.js';
import { findNamed } from '../find-named.js';
import { chooseWorkflow } from '../listed/choose.js';
import { whileNoWorkerAnswers } from '../note-if-slow.js';
import type { Output } from '../output.js';
import { startOfPromotion, startOfRun } from '../workflow-start.js';
import { withClient } from '../temporal-client.js';
import { temporalCommand } from '../temporal-command.js';

export async function status(
  output: Output,
  given: string | undefined,
  options: { showTemporal?: true },
): Promise<number> {
  const { showTemporal } = options;
  return withClient(async (client) => {
    const workflowId = await chooseWorkflow(output, client, {
      command: 'status',
      workflowId: given,
      showTemporal,
    });
    if (showTemporal) output.command(temporalCommand.query(workflowId, 'status'));
    const found = await findNamed(client, workflowId);
    switch (found.kind) {
      case 'run':
        if (options.showTemporal) output.command(temporalCommand.query(workflowId, 'sequences'));
        await whileNoWorkerAnswers(showRun(output, found.run));
        break;
      case 'fleet':
        if (options.showTemporal) output.command(temporalCommand.query(workflowId, 'pairs'));
        await whileNoWorkerAnswers(showFleet(output, found.run));
        break;
      case 'promotion':
        await whileNoWorkerAnswers(showPromotion(output, found.run));
        break;
      case 'promotion-fleet':
        await whileNoWorkerAnswers(showPromotionFleet(output, found.run));
    }
    return EXIT.done;
  });
}

async function showRun(output: Output, run: FailoverRun): Promise<void> {
  const { workflowId } = run;
  const { status: found, isOpen, retries } = await lastStatus(run);
  const rows = await run.rows();
  const { phase, mode, ending, findings } = found;
  const isTerminated = !isOpen && ending === null;
  const start = ending?.state === 'failed' ? await startOfRun(run) : null;
  const next =
    start === null || ending === null ? [] : afterFailedRun(parseFailureText(ending).type, start, Date.now());
  const shown =
    ending !== null && next.length > 0 ? { ...ending, message: withoutStartAgain(ending.message) } : ending;
  const lines = [
    ...phaseLines(phaseInWords(phase, mode), { ending: shown, isOpen, findings, width: output.width }),
    ...retryLines(retries, output),
    ...(isTerminated ? [] : gateLines(found, Date.now())),
    ...statusLines(output, found),
    ...(rows.length === 0 ? [] : ['', ...explainedSequenceTable(rows, output.width)]),
    ...nextLines(isTerminated ? [keepRecord(workflowId)] : [...nextSteps(found, workflowId), ...next]),
  ];
  output.result(lines, { ...statusAsJson(workflowId, found, isOpen), rows });
}

async function showFleet(output: Output, run: FleetRun): Promise<void> {
  const { status: found, isOpen, retries } = await lastStatus(run);
  const pairs = await run.pairs();
  const { phase, ending, findings } = found;
  const lines = [
    ...phaseLines(fleetPhaseInWords(phase), { ending, isOpen, findings, width: output.width }),
    ...retryLines(retries, output),
    ...fleetLines(output, { workflowId: run.workflowId, status: found, pairs }),
  ];
  output.result(lines, { ...statusAsJson(run.workflowId, found, isOpen), pairs });
}

async function showPromotion(output: Output, promotion: Promotion): Promise<void> {
  const { workflowId } = promotion;
  const { status: found, isOpen, retries } = await lastStatus(promotion);
  const start = isOpen ? null : await startOfPromotion(promotion);
  const now = Date.now();
  const { phase, ending, findings, leftovers, changes, toFinish = [] } = found;
  // While it works, it would undo them itself.
  const isLeft = !isOpen || phase === 'undoing';
  const lines = [
    ...phaseLines(promotionPhaseInWords(found), { ending, isOpen, findings, width: output.width }),
    ...retryLines(retries, output),
    ...promotionSummaryLines(found, isOpen ? now : null),
    ...stepLines(found, { colors: output.colors, now: isOpen ? now : null }),
    ...(ending?.state === 'failed'
      ? []
      : leftovers.map((command) => `left to tidy up: ${printable(command)}`)),
    ...findingsLines(withShortRemedies(findings, { workflowId }), output),
    ...(isLeft ? undoLines(changes) : []),
    ...(isOpen ? [] : toFinish.map((command) => `left to do by hand: ${printable(command)}`)),
    ...(ending?.state === 'failed'
      ? nextLines(
          afterFailedPromotion({ workflowId, type: parseFailureText(ending).type, status: found, start }),
        )
      : []),
    ...(ending?.state === 'completed' ? nextLines(afterwards(found, start)) : []),
    ...(isOpen ? nextLines(promotionNextSteps({ ...found, leftovers: [] }, workflowId, retries)) : []),
  ];
  output.result(lines, statusAsJson(workflowId, found, isOpen));
}

async function showPromotionFleet(output: Output, run: PromotionFleetRun): Promise<void> {
  const { workflowId } = run;
  const { status: found, isOpen } = await lastStatus(run);
  const start = isOpen ? null : await startOfPromotion(run);
  const next = isOpen
    ? promotionFleetNextSteps(
        { ...found, pairs: found.pairs.map((pair) => ({ ...pair, leftovers: [] })) },
        workflowId,
      )
    : afterFleet(found, start);
  output.result(
    [...promotionFleetLines(output, found, isOpen), ...nextLines(next)],
    statusAsJson(workflowId, found, isOpen),
  );
}

/** The last status of a workflow, whether it is open, and the steps that are tried again. */
async function lastStatus<S>(run: {
  snapshot(): Promise<Snapshot<S>>;
  status(): Promise<S>;
}): Promise<{ status: S; isOpen: boolean; retries: readonly RetriedStep[] }> {
  const snapshot = await run.snapshot();
  return snapshot.isOpen ? snapshot : { isOpen: false, status: await run.status(), retries: [] };
}

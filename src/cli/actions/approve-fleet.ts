import type { FleetRow } from '../../contract/fleet-status.js';
import { plural } from '../../contract/plural.js';
import type { FleetRun } from '../../client/fleet-run.js';
import { printable } from '../../contract/printable.js';
import { leftOutLines } from './left-out.js';
import type { Approving } from './approve-options.js';
import { confirm } from '../confirm.js';
import { decide } from '../decide.js';
import { statusAsJson } from '../endings/as-json.js';
import { fleetLines } from '../endings/fleet-ending.js';
import { EXIT } from '../exit-codes.js';
import { follow, showEndingOf, stateBefore } from '../follow/follow.js';
import { followedFleet } from '../follow/followed.js';
import { noteUnknownNames } from '../note-unknown-names.js';
import type { Output } from '../output.js';

/** Approves pairs of a fleet, and waits until each has ended or is back at its gate. @returns the exit code */
export async function approveFleet(
  output: Output,
  run: FleetRun,
  { client, place, options, decision, limit }: Approving,
): Promise<number> {
  const { workflowId } = run;
  const followed = followedFleet(run);
  const where = { client, place, limit };
  const now = await stateBefore(output, followed, where);
  if (!now.isOpen) {
    output.note('Nothing to approve: the fleet has ended.');
    return showEndingOf(output, followed, where);
  }
  const { fleet: status, pairs: before } = now.status;
  for (const line of fleetLines(output, { workflowId, status, pairs: before })) output.note(line);
  output.note('');
  if (!options.yes) {
    const { pair: named, ignoreRows = [], raisePastRows = [] } = options;
    const addressed = before.filter(({ pair }) => named?.includes(pair) ?? true);
    noteUnknownNames(
      output,
      workflowId,
      {
        blockedBy: addressed.flatMap(({ blockedBy }) => blockedBy),
        // All names of rows count as known: the fleet judges them.
        decidedRows: [...ignoreRows, ...raisePastRows].map((sequence) => ({ sequence })),
      },
      options,
    );
    const which = decision.pairs === undefined ? 'every pair' : decision.pairs.join(', ');
    await confirm({
      ...{ what: 'the workflow ID of the fleet', expected: workflowId },
      verb: `approve ${printable(which)}`,
    });
  }
  limit.restart();
  const decided = await decide(output, { workflowId, limit }, () => run.decide(decision, options));
  if (!decided.stands) return decided.code;
  const { addressed, refusedCount } = decided.answer;
  const lines = [
    `Approved: the decision goes to ${plural(addressed, 'pair')}`,
    ...leftOutLines(decided.answer, workflowId),
  ];
  if (!options.wait) {
    output.result(lines, { workflowId, sent: true, answer: decided.answer });
    return refusedCount === 0 ? EXIT.done : EXIT.notReady;
  }
  for (const line of lines) output.note(line);
  const isAddressed = ({ pair }: FleetRow) => decision.pairs?.includes(pair) ?? true;
  const settled = await follow(output, followed, {
    ...where,
    until: ({ pairs }) =>
      pairs.filter(isAddressed).every((now) =>
        isSettled(
          now,
          before.find(({ pair }) => pair === now.pair),
        ),
      ),
  });
  if (settled === null) return showEndingOf(output, followed, where);
  const { fleet, pairs } = settled;
  output.result(fleetLines(output, { workflowId, status: fleet, pairs }), {
    ...statusAsJson(workflowId, fleet),
    pairs,
  });
  const rows = pairs.filter(isAddressed);
  if (rows.some(({ outcome }) => outcome === 'failed')) return EXIT.failed;
  return rows.some(({ phase, gate }) => phase === 'waiting' && gate === 'blocked')
    ? EXIT.notReady
    : EXIT.done;
}

/** Whether a pair has ended, or waits again after the decision has reached it. */
function isSettled(now: FleetRow, before: FleetRow | undefined): boolean {
  if (now.phase === 'done') return true;
  if (now.phase !== 'waiting') return false;
  return (
    now.heldUntil !== undefined ||
    now.approvals > (before?.approvals ?? 0) ||
    now.refusedCount > (before?.refusedCount ?? 0) ||
    (now.gate === 'blocked' && before?.gate !== 'blocked')
  );
}

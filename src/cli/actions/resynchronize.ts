import { type FailoverRun, isAtGate } from '../../client/failover-run.js';
import type { Status } from '../../contract/status.js';
import { addressed, type AddressingOptions, requireFleet } from '../addressed.js';
import { EXIT, UsageError } from '../exit-codes.js';
import { findNamed } from '../find-named.js';
import { follow, type FollowOptions, showEndingOf, stateBefore } from '../follow/follow.js';
import { followedRun } from '../follow/followed.js';
import { printable } from '../../contract/printable.js';
import { chooseWorkflow } from '../listed/choose.js';
import type { Output } from '../output.js';
import { showGate } from '../show-gate.js';
import { TimeLimit } from '../time-limit.js';
import { withClient } from '../temporal-client.js';
import { temporalCommand } from '../temporal-command.js';
import { shellQuoted } from '../../contract/shell.js';

const REQUESTED = 'The resynchronization is requested';
/** A run that cannot begin a round stays at its gate. After this many queries that find it there, the command stops waiting. */
const QUERIES_WHILE_STUCK = 5;
/** The blocks with which a run begins no round. */
const unreachable = ['PRIMARY_UNREACHABLE', 'STANDBY_UNREACHABLE', 'LOOK_FAILED'];
const isStuck = ({ gate }: Status) => gate?.blockedBy.some(({ code }) => unreachable.includes(code)) ?? false;

interface ResynchronizeOptions extends AddressingOptions {
  by: string;
  wait: boolean;
  timeout?: string;
  showTemporal?: true;
}

export async function resynchronize(
  output: Output,
  given: string | undefined,
  options: ResynchronizeOptions,
): Promise<number> {
  const { by, wait, timeout, showTemporal } = options;
  const message = { by, ...addressed(options) };
  const limit = new TimeLimit(timeout);
  return withClient(async (client, place) => {
    const which = { command: 'resynchronize', workflowId: given, showTemporal } as const;
    const workflowId = await chooseWorkflow(output, client, which);
    if (showTemporal) output.command(temporalCommand.signal(workflowId, 'resynchronize', message));
    const found = await findNamed(client, workflowId);
    requireFleet(options, workflowId, found);
    switch (found.kind) {
      case 'run':
        return resynchronizeRun(output, found.run, { by, wait }, { client, place, limit });
      case 'fleet':
        await found.run.resynchronize(message);
        output.result([`${REQUESTED}. Watch it: sequence-failover watch ${shellQuoted(workflowId)}`], {
          ...{ workflowId, sent: true },
        });
        return EXIT.done;
      case 'promotion':
      case 'promotion-fleet':
        throw new UsageError(`${workflowId} is a promotion: it cannot be resynchronized.`);
    }
  });
}

async function resynchronizeRun(
  output: Output,
  run: FailoverRun,
  { by, wait }: { by: string; wait: boolean },
  where: Pick<FollowOptions<Status>, 'client' | 'place' | 'limit'>,
): Promise<number> {
  const followed = followedRun(run);
  const { workflowId } = run;
  const before = await stateBefore(output, followed, where);
  if (!before.isOpen) {
    output.note('Too late: the run has ended.');
    const code = await showEndingOf(output, followed, where);
    return code === EXIT.done ? EXIT.failed : code;
  }
  const { round, gate } = before.status;
  await run.resynchronize({ by });
  output.note(REQUESTED);
  if (!wait) {
    output.result([REQUESTED], { workflowId, sent: true });
    return EXIT.done;
  }
  const refusedBefore = gate?.refusedCount ?? 0;
  let hasLeft = false;
  let queries = 0;
  const status = await follow(output, followed, {
    ...where,
    whenOver: {
      what: 'is not back at its gate',
      next: `Go on waiting: sequence-failover watch ${shellQuoted(workflowId)}`,
    },
    until: (now) => {
      if ((now.gate?.refusedCount ?? 0) > refusedBefore) return true;
      hasLeft ||= !isAtGate(now);
      queries += 1;
      if (!isAtGate(now)) return false;
      // A run that cannot reach a side returns to its gate at once, without a round.
      return hasLeft || now.round > round || (queries > QUERIES_WHILE_STUCK && isStuck(now));
    },
  });
  if (status === null) return showEndingOf(output, followed, where);
  if ((status.gate?.refusedCount ?? 0) > refusedBefore) {
    const why = status.gate?.refused.at(-1)?.reason ?? 'the run does not say why';
    output.refusal(printable(why), { workflowId, sent: true, refused: why });
    return EXIT.failed;
  }
  return showGate(output, workflowId, status);
}

import { FailoverRun, isAtGate } from '../../client/failover-run.js';
import type { Mode } from '../../contract/input.js';
import { follow, showEndingOf } from '../follow/follow.js';
import { followedRun } from '../follow/followed.js';
import { noteMissingWorker } from '../note-missing-worker.js';
import { shellQuoted } from '../../contract/shell.js';
import { printable } from '../../contract/printable.js';
import type { Output } from '../output.js';
import type { InputOptions } from '../input-options.js';
import { modeOf, pairOf, toInput } from '../run-input.js';
import { showGate } from '../show-gate.js';
import { TimeLimit } from '../time-limit.js';
import { withClient } from '../temporal-client.js';
import { temporalCommand } from '../temporal-command.js';
import { unlessOpen } from '../unless-open.js';

interface StartOptions extends InputOptions {
  mode?: Mode;
  workflowId?: string;
  wait?: true;
  timeout?: string;
  showTemporal?: true;
}

export async function start(output: Output, options: StartOptions): Promise<number> {
  const mode = options.mode ?? modeOf(options) ?? 'failover';
  const input = toInput(mode, options);
  const workflowId = options.workflowId ?? `${mode}-${pairOf(input)}`;
  if (options.showTemporal) {
    output.command(temporalCommand.start(workflowId, input));
    output.command(temporalCommand.query(workflowId, 'status'));
  }
  const limit = new TimeLimit(options.timeout);
  return withClient(async (client, place) => {
    await noteMissingWorker(client, output);
    const run = await unlessOpen('run', workflowId, FailoverRun.start(client, workflowId, input));
    output.note(`Started the workflow ${printable(workflowId)}`);
    const followed = followedRun(run);
    const where = { client, place, limit };
    const waitsForEnd = options.wait === true || !waitsAtGate(mode);
    limit.restart();
    const status = await follow(output, followed, {
      ...where,
      ...(waitsForEnd
        ? {}
        : {
            until: isAtGate,
            whenOver: {
              what: 'is not at its gate',
              next: `Go on waiting: sequence-failover watch ${shellQuoted(workflowId)}`,
            },
          }),
    });
    return status === null ? showEndingOf(output, followed, where) : showGate(output, workflowId, status);
  });
}

const waitsAtGate = (mode: Mode) => mode === 'failover';

import type { RunEnding } from '../../client/failover-run.js';
import { plural } from '../../contract/plural.js';
import { exitCodeOf } from '../exit-codes.js';
import { noteMissingWorker } from '../note-missing-worker.js';
import { newWorkflowId } from '../new-workflow-id.js';
import type { Output } from '../output.js';
import type { InputOptions } from '../input-options.js';
import { toInput } from '../run-input.js';
import { runToRead } from '../run-to-read.js';
import { endingAsJson } from '../endings/as-json.js';
import { showEnding, statusLines } from '../endings/run-ending.js';
import { temporalCommand } from '../temporal-command.js';
import { withClient } from '../temporal-client.js';
import { timeoutMs } from '../time-limit.js';

export async function check(
  output: Output,
  options: InputOptions & { timeout: string; showTemporal?: true },
): Promise<number> {
  const input = toInput('check', options);
  const workflowId = newWorkflowId('check', input);
  if (options.showTemporal) {
    output.note(temporalCommand.start(workflowId, input));
    output.note(temporalCommand.result(workflowId));
  }
  const seconds = Math.ceil(timeoutMs(options.timeout) / 1000);
  const { ending } = await withClient(async (client) => {
    await noteMissingWorker(client, output, seconds);
    return runToRead(output, client, { workflowId, input, seconds });
  });
  if (!isReady(ending) && !isNotReady(ending)) return showEnding(output, workflowId, ending);
  const status = ending.state === 'completed' ? ending.result : ending.status;
  const blocks = status?.findings.filter(({ severity }) => severity === 'block').length ?? 0;
  const { green, red } = output.colors;
  const title = isReady(ending)
    ? green('Ready: nothing stands in the way of a failover')
    : red(
        `Not ready: ${blocks === 0 ? ending.message : `${plural(blocks, 'finding blocks', 'findings block')} a failover`}`,
      );
  output.result([title, ...(status === null ? [] : statusLines(output, status))], {
    ...endingAsJson(workflowId, ending),
    ready: isReady(ending),
  });
  return exitCodeOf(ending);
}

type Completed = Extract<RunEnding, { state: 'completed' }>;
type Failed = Extract<RunEnding, { state: 'failed' }>;

const isReady = (ending: RunEnding): ending is Completed => ending.state === 'completed';
const isNotReady = (ending: RunEnding): ending is Failed =>
  ending.state === 'failed' && ending.type === 'NotReady';

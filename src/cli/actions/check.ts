import type { RunEnding } from '../../client/failover-run.js';
import { plural } from '../../contract/plural.js';
import { exitCodeOf } from '../exit-codes.js';
import type { Output } from '../output.js';
import { failureLines } from '../../terminal/failure-lines.js';
import { endingAsJson } from '../endings/as-json.js';
import { nextLines, showEnding, statusLines } from '../endings/run-ending.js';
import { type RunToReadOptions, readWithRun } from '../read-with-run.js';
import { temporalCommand } from '../temporal-command.js';

export async function check(output: Output, options: RunToReadOptions): Promise<number> {
  const reading = (workflowId: string) => temporalCommand.result(workflowId);
  return readWithRun(output, 'check', options, reading, ({ workflowId, ending }) => {
    if (!isReady(ending) && !isNotReady(ending)) return showEnding(output, workflowId, ending);
    const status = ending.state === 'completed' ? ending.result : ending.status;
    const blocks = status?.findings.filter(({ severity }) => severity === 'block').length ?? 0;
    const { green, red } = output.colors;
    const title = isReady(ending)
      ? green('Ready: nothing stands in the way of a failover')
      : red(
          `Not ready${blocks === 0 ? '' : `: ${plural(blocks, 'finding blocks', 'findings block')} a failover`}`,
        );
    // Without a finding, as where the primary and the standby are swapped, the failure alone says why.
    const why = isReady(ending) || blocks > 0 ? [] : failureLines(ending.message, [], output.width);
    const shown = status === null ? [] : statusLines(output, status);
    output.result([title, ...why, ...shown, ...nextLines(isReady(ending) ? [] : [whatNext(blocks)])], {
      ...endingAsJson(workflowId, ending),
      ready: isReady(ending),
    });
    return exitCodeOf(ending);
  });
}

/** The title may have left the screen by then. */
const whatNext = (blocks: number) =>
  `fix ${blocks === 0 ? 'what is named above' : `what blocks (${plural(blocks, 'finding')})`}, then check again`;

type Completed = Extract<RunEnding, { state: 'completed' }>;
type Failed = Extract<RunEnding, { state: 'failed' }>;

const isReady = (ending: RunEnding): ending is Completed => ending.state === 'completed';
const isNotReady = (ending: RunEnding): ending is Failed =>
  ending.state === 'failed' && ending.type === 'NotReady';

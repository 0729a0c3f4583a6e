import { isOwnPromotion } from '../../src/contract/input.js';
import type { RunResult } from '../../src/contract/status.js';
import type { Run } from './run.js';
import { selectionOf } from './run-status.js';
import { startPromotion } from './start-promotion.js';

/**
 * Starts the promotion with the whole record, if the input names one.
 *
 * @throws ApplicationFailure `HandoffFailed`
 */
export async function handOff(run: Run): Promise<void> {
  run.gate.seal();
  run.enter('handing-off');
  run.check('handOff');
  const { handoff } = run.memory;
  if (handoff === null) return;
  const selected = selectionOf(run.input);
  const record: RunResult = { ...run.status(), ...selected, phase: 'done', outcome: 'handed-off' };
  const input = run.input.handoff?.input;
  try {
    const runId = await startPromotion({
      ...handoff,
      args: input === undefined ? [record] : [record, input],
      isOwn: isOwnPromotion(handoff),
    });
    run.promotionStarted(runId);
  } catch (error) {
    run.uncheck('handOff');
    throw error;
  }
}

import { allHistories, readRun, type RunHistories } from './read-run.js';
import { fromBundle } from './source.js';

/**
 * The histories as they were when they had these numbers of events. A run that was still open has continued since.
 *
 * @param lengths the number of events of each history, by its run ID; a history that is not named did not exist then
 * @returns null if the run itself is not named
 */
export async function cutHistories(
  run: RunHistories,
  lengths: ReadonlyMap<string, number>,
): Promise<RunHistories | null> {
  const histories = allHistories(run)
    .filter(({ runId }) => lengths.has(runId))
    .map((history) => ({ ...history, events: history.events.slice(0, lengths.get(history.runId)) }));
  const first = run.chain.find(({ runId }) => lengths.has(runId));
  return first === undefined ? null : readRun(fromBundle({ histories }), run.workflowId, first.runId);
}

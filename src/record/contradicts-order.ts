import type { WorkflowHistory } from './source.js';

/**
 * Temporal numbers the events of a history from 1 on, without gaps. A missing number shows that an event was taken out.
 *
 * @returns the contradictions; empty if there are none
 */
export function contradictsOrder(histories: readonly WorkflowHistory[]): string[] {
  return histories.flatMap(({ workflowId, runId, events }) => {
    const at = events.findIndex(({ eventId }, index) => Number(eventId) !== index + 1);
    if (at < 0) return [];
    const found = events[at]?.eventId;
    const where = `in the history of ${workflowId}, run ${runId}`;
    return [
      found === undefined
        ? `${where}, the event ${at + 1} has no number`
        : `${where}, the event ${found} follows ${at === 0 ? 'the beginning' : `the event ${at}`}: others were taken out, or put in`,
    ];
  });
}

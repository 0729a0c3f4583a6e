import { activityInfo } from '@temporalio/activity';
import type { Activities } from '../src/steps/activities.js';
import { unpackTable } from '../src/steps/table.js';
import { upgradeTable } from '../src/steps/implied.js';
import { classify } from '../src/postgres/failures/classify.js';
import { onSide } from './activity-failure.js';
import type { Dependencies } from './dependencies.js';
import { withHeartbeat } from './heartbeat.js';

/** A ledger that cannot be reached for so many attempts, some 20 s, or for so long is left alone: history is the record too. */
const TRIES = 8;
const UNAVAILABLE_FOR_MS = 60_000;

/** Step 5: the ledger's record of a round. Without a ledger the history is the record. */
export function recordBuffer({ pairs }: Dependencies): Activities['recordBuffer'] {
  return (input) =>
    onSide('ledger', () =>
      withHeartbeat(async () => {
        const { ledger } = pairs.resolve(input.identity.pair);
        if (ledger === null) return { recorded: 0, unavailable: null };
        try {
          return await ledger.record({ ...input, rows: unpackTable(upgradeTable(input.rows, 'row')) });
        } catch (error) {
          const { retryable, reason, remedy } = classify(error);
          if (!retryable || !triedEnough()) throw error;
          return { recorded: 0, unavailable: `${reason}; ${remedy}` };
        }
      }),
    );
}

function triedEnough(): boolean {
  const { attempt, scheduledTimestampMs } = activityInfo();
  return attempt >= TRIES || (attempt > 1 && Date.now() - scheduledTimestampMs >= UNAVAILABLE_FOR_MS);
}

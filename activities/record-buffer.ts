import { activityInfo } from '@temporalio/activity';
import { digestOf } from '../src/hash/sha256.js';
import type { Activities } from '../src/steps/activities.js';
import { unpackTable } from '../src/steps/table.js';
import { upgradeTable } from '../src/steps/implied.js';
import { classify } from '../src/postgres/failures/classify.js';
import { onSide } from './activity-failure.js';
import type { Dependencies } from './dependencies.js';
import { withHeartbeat } from './heartbeat.js';

/**
 * The number of attempts to write the ledger, over about 20 s. After that the run continues without it, since the history has the same
 * data.
 */
const TRIES = 8;
const UNAVAILABLE_FOR_MS = 60_000;

/** Step 5: writes the rows of a round to the ledger. Without a ledger the history is the record. Returns the digest of its input. */
export function recordBuffer({ pairs }: Dependencies): Activities['recordBuffer'] {
  return (input) =>
    onSide('ledger', () =>
      withHeartbeat(async () => {
        const { ledger } = pairs.resolve(input.identity.pair);
        const digest = digestOf(input);
        if (ledger === null) return { recorded: 0, unavailable: null, digest };
        try {
          const rows = unpackTable(upgradeTable(input.rows, 'row'));
          return { ...(await ledger.record({ ...input, rows })), digest };
        } catch (error) {
          const { retryable, reason, remedy } = classify(error);
          if (!retryable || !triedEnough()) throw error;
          return { recorded: 0, unavailable: `${reason}; ${remedy}`, digest };
        }
      }),
    );
}

function triedEnough(): boolean {
  const { attempt, scheduledTimestampMs } = activityInfo();
  return attempt >= TRIES || (attempt > 1 && Date.now() - scheduledTimestampMs >= UNAVAILABLE_FOR_MS);
}

import { setTimeout } from 'node:timers/promises';
import { activityInfo, log } from '@temporalio/activity';
import type { SequenceRow } from '../src/contract/status.js';
import type { RecordedDefinition } from '../src/steps/evidence.js';
import type { RecordRequest } from '../src/steps/page-steps.js';
import { digestOf } from '../src/hash/sha256.js';
import type { Activities } from '../src/steps/activities.js';
import { unpackTable } from '../src/steps/table.js';
import { upgradeTable } from '../src/steps/implied.js';
import { classify } from '../src/postgres/failures/classify.js';
import { withRemedy } from '../src/postgres/failures/with-remedy.js';
import { onSide } from './activity-failure.js';
import { readDefinitions } from '../src/postgres/sequences/read-definitions.js';
import type { Dependencies, Pair } from './dependencies.js';
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
        const pair = pairs.resolve(input.identity.pair);
        const digest = digestOf(input);
        if (pair.ledger === null) return { recorded: 0, unavailable: null, digest };
        const rows = unpackTable(upgradeTable(input.rows, 'row'));
        const definitions = input.primaryReadAt === null ? new Map() : await definitionsOf(pair, input, rows);
        try {
          return { ...(await pair.ledger.record({ ...input, rows }, definitions)), digest };
        } catch (error) {
          const classification = classify(error);
          if (!classification.retryable || !triedEnough()) throw error;
          return { recorded: 0, unavailable: withRemedy(classification), digest };
        }
      }),
    );
}

/** How long the definitions may take, in milliseconds. */
const DEFINITIONS_WITHIN_MS = 10_000;

/** The definitions are for a remedy in case the primary is lost. If they cannot be read in time, the rows are recorded without them. */
async function definitionsOf(
  { primary }: Pair,
  { identity }: RecordRequest,
  rows: readonly SequenceRow[],
): Promise<ReadonlyMap<string, RecordedDefinition>> {
  const there = rows.filter(({ primaryNext }) => primaryNext !== null).map(({ sequence }) => sequence);
  const none = new Map<string, RecordedDefinition>();
  const reading = readDefinitions(primary, identity.primary, there).catch((error: unknown) => {
    const { reason } = classify(error);
    log.info('the definitions of the sequences are not recorded this time', { reason });
    return none;
  });
  const late = new AbortController();
  const timeout = setTimeout(DEFINITIONS_WITHIN_MS, none, { signal: late.signal, ref: false });
  try {
    return await Promise.race([reading, timeout.catch(() => none)]);
  } finally {
    late.abort();
  }
}

function triedEnough(): boolean {
  const { attempt, scheduledTimestampMs } = activityInfo();
  return attempt >= TRIES || (attempt > 1 && Date.now() - scheduledTimestampMs >= UNAVAILABLE_FOR_MS);
}

import type { Activities } from '../src/steps/activities.js';
import type { PairIdentity } from '../src/steps/identity.js';
import type { FetchInput } from '../src/steps/page-steps.js';
import type { PrimarySequence } from '../src/steps/rows.js';
import { packTable } from '../src/steps/table.js';
import { impliedPrimary } from '../src/steps/implied.js';
import type { EarlierReadings } from '../src/ledger/earlier-readings.js';
import { primaryRate } from '../src/planning/rows/primary-rate.js';
import { onSide, pairOfOpenRun } from './activity-failure.js';
import type { Dependencies, Pair } from './dependencies.js';
import { withHeartbeat } from './heartbeat.js';
import { readLedger } from './read-ledger.js';
import { readPrimaryPage } from './read-primary-page.js';

/** Two readings in the ledger that are closer together than this, in milliseconds, do not yield a rate. */
const LEAST_MS = 10_000;

/** Step 1: reads the primary's sequences of one page, and their rates of consumption if the policy or the advice needs them. */
export function fetchPrimarySequences({ pairs }: Dependencies): Activities['fetchPrimarySequences'] {
  return ({ identity, range, since, recorded }) =>
    withHeartbeat(async () => {
      const pair = pairOfOpenRun(pairs, identity.pair, 'primary');
      const readAt = new Date().toISOString();
      const sequences = await onSide('primary', () => readPrimaryPage({ pair, identity, range }));
      const known = since ?? (recorded === true ? { positions: [], at: readAt, leastMs: LEAST_MS } : null);
      const measured =
        known === null ? sequences : await withRates({ pair, identity }, { sequences, readAt }, known);
      return { sequences: packTable(measured, impliedPrimary), readAt };
    });
}

/** The sequences, each with its rate of consumption since the earlier readings, if there are any. */
async function withRates(
  { pair, identity }: { pair: Pair; identity: PairIdentity },
  { sequences, readAt }: { sequences: readonly PrimarySequence[]; readAt: string },
  since: NonNullable<FetchInput['since']>,
): Promise<PrimarySequence[]> {
  const recorded = await readRecorded(pair, identity, sequences);
  const sampled = new Map(since.positions);
  return sequences.map((one) => {
    const rate = primaryRate(one, readAt, {
      sample: { next: sampled.get(one.oid) ?? null, at: since.at },
      recorded: recorded.get(one.sequence) ?? [],
      leastMs: since.leastMs,
    });
    return rate === null ? one : { ...one, rate };
  });
}

/** Without a ledger that can be read, the rates come from the sample alone. */
async function readRecorded(
  { ledger }: Pair,
  identity: PairIdentity,
  sequences: readonly PrimarySequence[],
): Promise<EarlierReadings> {
  if (ledger === null) return new Map();
  const names = sequences.map(({ sequence }) => sequence);
  return readLedger<EarlierReadings>(
    () => ledger.readings(identity, names),
    () => new Map(),
  );
}

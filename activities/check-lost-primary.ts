import { runCooperatively } from '../src/concurrency/run-cooperatively.js';
import { finalFailure } from '../src/steps/failures.js';
import type { Finding } from '../src/contract/status.js';
import { foldFindings } from '../src/findings/fold-findings.js';
import type { LastPrimary } from '../src/ledger/evidence.js';
import {
  ledgerUnreadable,
  primaryAnswers,
  primaryBack,
  primaryNotAsked,
  primaryLost,
} from '../src/planning/sequence/evidence-findings.js';
import { unmatchedPatterns } from '../src/sequences/selection.js';
import { readOnlyByDefault, unmatchedPattern } from '../src/planning/pair/readiness-findings.js';
import { replicationFindings } from '../src/planning/pair/replication-findings.js';
import { mergeNames } from '../src/postgres/sequences/page-ranges.js';
import { readSide } from '../src/postgres/server/read-side.js';
import { readReceiving } from '../src/postgres/replication/read-receiving.js';
import { probeServer } from '../src/postgres/server/probe-server.js';
import type { Activities } from '../src/steps/activities.js';
import type { Identity, PairIdentity, RawName } from '../src/steps/identity.js';
import type { LostPrimaryInput, ReadinessReport } from '../src/steps/readiness.js';
import { onSide, pairOfOpenRun } from './activity-failure.js';
import { assertWorkable } from './assert-workable.js';
import { describeServer } from './describe-server.js';
import type { Dependencies, Pair } from './dependencies.js';
import { withHeartbeat } from './heartbeat.js';
import { onlyRecorded } from './only-recorded.js';
import { findHiddenFeeds } from './read-guardrails.js';
import { readLedger, unreadable } from './read-ledger.js';
import { readinessCheck, workOf } from './readiness-check.js';

/** Confirms that the primary cannot be reached, and reads the standby and the ledger, from which the targets are computed. */
export function checkLostPrimary(dependencies: Dependencies): Activities['checkLostPrimary'] {
  return readinessCheck(dependencies, 'standby', readWithoutPrimary);
}

/** Whether a primary that was lost when the run began answers again. */
export function findPrimary({ pairs }: Dependencies): Activities['findPrimary'] {
  return ({ identity }) =>
    withHeartbeat(async () => {
      const pair = pairOfOpenRun(pairs, identity.pair, 'standby');
      const probe = await probeServer(pair.primary);
      return probe.answers === 'yes' ? [primaryBack(probe.answer)] : [];
    });
}

async function readWithoutPrimary(
  pair: Pair,
  { pair: name, mode, policy, expected }: LostPrimaryInput,
  buffer: ReadinessReport['buffer'],
): Promise<ReadinessReport> {
  const [primary, side] = await Promise.all([
    probeServer(pair.primary),
    onSide('standby', () => readSide(pair.standby, expected?.standby ?? null)),
  ]);
  if (primary.answers === 'yes') throw finalFailure('NotReady', primaryAnswers(primary.answer, name));
  if (primary.answers === 'unknown') throw finalFailure('NotReady', primaryNotAsked(primary));
  const { facts: standby, names, subscriptions } = side;
  assertWorkable({ pair: name, primary: HEALTHY, standby, same: false, swapped: [] });

  // Only a message says so: if it cannot be read, the run goes on without.
  const receiving = await readReceiving(pair.standby, standby.identity).catch(() => []);
  const hidden = await findHiddenFeeds(pair.standby, standby.identity);
  const { last, recorded, findings } = await readLast(pair, name, standby.identity);
  const identity = expected ?? {
    pair: name,
    primary: last?.identity ?? unknownIdentity(pair),
    standby: standby.identity,
  };
  const all = mergeNames(names, onlyRecorded(recorded, names));
  const unmatched = await runCooperatively(unmatchedPatterns({ ...policy }, all));
  const newest = last === null ? null : { at: last.readAt, now: new Date() };
  return {
    identity,
    primary: describeLost(pair, identity),
    standby: describeServer(pair.standby, standby),
    ...workOf(all, buffer, mode),
    primaryMaxConnections: standby.maxConnections,
    findings: foldFindings([
      primaryLost(primary.why, newest, receiving),
      ...findings,
      ...hidden,
      ...unmatched.map(unmatchedPattern),
      ...readOnlyByDefault(
        'standby',
        { ...standby, database: standby.identity.database },
        // Only a standby that is read-only by default has the finding.
        standby.readOnlyByDefault ? await publicHadConnect(pair, identity) : true,
      ),
    ]),
    replication: replicationFindings(subscriptions, null, null, pair.primary.address),
    subscriptions: { present: subscriptions.map((one) => one.name), toPrimary: [] },
  };
}

/** The primary cannot be asked, so it has no obstacles. */
const HEALTHY = { unsupported: null, inRecovery: false, writesRefused: null, readOnlyByDefault: false };

/** Whether PUBLIC could connect to the standby before an earlier fence; true also if nothing is known of it. */
async function publicHadConnect({ ledger }: Pair, identity: PairIdentity): Promise<boolean> {
  if (ledger === null) return true;
  const fence = await readLedger(
    () => ledger.fenceOf(identity),
    () => null,
  );
  return fence?.connect == null || fence.connect.revoked.some(({ role }) => role === null);
}

interface LedgerOfLost {
  last: LastPrimary | null;
  /** The names of the sequences that the primary had, in the order of `compareNames`. */
  recorded: readonly RawName[];
  findings: Finding[];
}

async function readLast({ ledger }: Pair, pair: string, standby: Identity): Promise<LedgerOfLost> {
  if (ledger === null)
    return {
      last: null,
      recorded: [],
      findings: [
        ledgerUnreadable({
          reason: 'this worker keeps none (LEDGER is off)',
          remedy: 'start every worker without LEDGER=off, and with the LEDGER_URL that earlier runs had',
        }),
      ],
    };
  return readLedger<LedgerOfLost>(
    async () => ({
      last: await ledger.lastPrimary(pair, standby),
      recorded: await ledger.recordedNames(pair, standby),
      findings: [],
    }),
    async (reason, error) => ({
      last: null,
      recorded: [],
      findings: [ledgerUnreadable(await unreadable(ledger, reason, error))],
    }),
  );
}

function unknownIdentity({ primary }: Pair): Identity {
  return { systemIdentifier: 'unknown', databaseOid: '0', database: primary.address.database };
}

function describeLost({ primary }: Pair, { primary: identity }: PairIdentity): ReadinessReport['primary'] {
  const { host, port } = primary.address;
  const { database, systemIdentifier } = identity;
  return { host, port, database, serverVersion: 'unknown', systemIdentifier };
}

import { runCooperatively } from '../src/concurrency/run-cooperatively.js';
import { foldFindings } from '../src/findings/fold-findings.js';
import type { Activities } from '../src/steps/activities.js';
import type { Identity, PairIdentity } from '../src/steps/identity.js';
import type { ReadinessInput, ReadinessReport } from '../src/steps/readiness.js';
import { roleUnknownAtHandoff } from '../src/planning/promotion/promotion-findings.js';
import { readOnlyByDefault, unmatchedPattern } from '../src/planning/pair/readiness-findings.js';
import { readUnknownRoles } from '../src/postgres/promotion/privileges.js';
import { mergeNames } from '../src/postgres/sequences/page-ranges.js';
import { isSameIdentity, marksSql, type ServerMarks } from '../src/postgres/session/server-marks.js';
import { isSameDatabase } from '../src/postgres/server/same-database.js';
import { readSide } from '../src/postgres/server/read-side.js';
import { subscriptionsOfPrimary } from '../src/postgres/server/swapped-roles.js';
import { unmatchedPatterns } from '../src/sequences/selection.js';
import { onSide } from './activity-failure.js';
import { assertWorkable } from './assert-workable.js';
import type { Dependencies, Pair } from './dependencies.js';
import { describeServer } from './describe-server.js';
import { obstaclesAtHandoff } from './promotion/obstacles-at-handoff.js';
import { readGuardrails } from './read-guardrails.js';
import { findingsOf, namesOf, readReplication } from './read-replication.js';
import { readinessCheck, workOf } from './readiness-check.js';
import type { SideOfPair } from '../src/contract/side.js';

/**
 * Reads both servers before anything is done. It refuses obstacles that no approval can overrule, and reports findings for a person. It
 * also lists the sequences, in pages.
 */
export function checkReadiness(dependencies: Dependencies): Activities['checkReadiness'] {
  return readinessCheck(dependencies, 'primary', readPair);
}

async function readPair(
  pair: Pair,
  { pair: name, mode, policy, expected, fenceExcept = [], promotion }: ReadinessInput,
  buffer: ReadinessReport['buffer'],
): Promise<ReadinessReport> {
  const [onPrimary, onStandby] = await Promise.all([
    onSide('primary', () => readSide(pair.primary, expected?.primary ?? null)),
    onSide('standby', () => readSide(pair.standby, expected?.standby ?? null)),
  ]);
  const [primary, standby] = [onPrimary.facts, onStandby.facts];
  // First of all, since the queries below fail on a server that this software cannot work with.
  assertWorkable({ pair: name, primary, standby, same: false, swapped: [] });
  const identity = expected ?? (await identify(pair, name, primary.identity, standby.identity));
  const [same, replication] = await Promise.all([
    // If the identities differ, the databases differ. Otherwise a lock that is held in one is looked for in the other.
    isSameIdentity(primary.identity, standby.identity)
      ? onSide('standby', () => isSameDatabase(pair.primary, pair.standby, identity))
      : false,
    readReplication(pair, identity, onStandby.subscriptions),
  ]);
  assertWorkable({
    pair: name,
    primary,
    standby,
    same,
    swapped: subscriptionsOfPrimary(onPrimary, onStandby),
  });

  const guardrails = await readGuardrails(pair, identity, replication);
  const unknownRoles = await onSide('primary', () =>
    readUnknownRoles(pair.primary, identity.primary, fenceExcept),
  );
  const obstacles =
    promotion === undefined ? [] : await obstaclesAtHandoff(pair, identity, promotion, policy);
  const names = mergeNames(onPrimary.names, onStandby.names);
  const unmatched = await runCooperatively(unmatchedPatterns(policy, names));
  return {
    identity,
    primary: describeServer(pair.primary, primary),
    standby: describeServer(pair.standby, standby),
    ...workOf(names, buffer, mode),
    primaryMaxConnections: primary.maxConnections,
    findings: foldFindings([
      ...unmatched.map(unmatchedPattern),
      ...unknownRoles.map(roleUnknownAtHandoff),
      ...obstacles,
      ...guardrails.findings,
      ...readOnlyByDefault('primary', primary),
      ...readOnlyByDefault(
        'standby',
        { ...standby, database: standby.identity.database },
        primary.publicMayConnect,
      ),
    ]),
    replication: findingsOf(replication, pair, promotion !== undefined),
    subscriptions: namesOf(replication),
    ...(guardrails.tables === null ? {} : { tables: guardrails.tables }),
    startedAt: { primary: primary.startedAt, standby: standby.startedAt },
    acceptedAt: { primary: primary.acceptedAt, standby: standby.acceptedAt },
  };
}

/**
 * If the standby began as a copy of the primary's files, both have the same system identifier, and the same name and oid of the database.
 * The marks tell them apart, so that an address that leads to the other side is noticed.
 */
async function identify(
  pair: Pair,
  name: string,
  primary: Identity,
  standby: Identity,
): Promise<PairIdentity> {
  if (!isSameIdentity(primary, standby)) return { pair: name, primary, standby };
  const marksOf = (side: SideOfPair, expected: Identity) =>
    onSide(side, async () => {
      const [[marks] = []] = await pair[side].read<ServerMarks>({ expected, locks: 0 }, [marksSql]);
      if (marks === undefined) throw new Error(`The ${side} returned no row for its timeline and start.`);
      return marks;
    });
  const [primaryMarks, standbyMarks] = await Promise.all([
    marksOf('primary', primary),
    marksOf('standby', standby),
  ]);
  const byTimeline =
    primaryMarks.timeline !== null &&
    standbyMarks.timeline !== null &&
    primaryMarks.timeline !== standbyMarks.timeline;
  const markOf = ({ timeline, start }: ServerMarks) => (byTimeline && timeline !== null ? timeline : start);
  return {
    pair: name,
    primary: { ...primary, mark: markOf(primaryMarks) },
    standby: { ...standby, mark: markOf(standbyMarks) },
  };
}

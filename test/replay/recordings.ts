import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { History } from '../../src/record/history-json.js';

/**
 * The committed histories, as `temporal workflow show --output json --no-json-shorthand-payloads` writes them: a folder for each release
 * that wrote them, and `unreleased` for what the next release will write. A file in the folder of a release is never changed.
 */
const root = path.resolve(import.meta.dirname, 'histories');

const MEANINGS = 'meanings.json';

/** Where `npm run record-histories` writes. */
export const unreleased = path.join(root, 'unreleased');

/** How the workflow of a recording closed: the closing event, and of a failure its type. */
export interface Recording {
  workflowType:
    | 'sequenceFailover'
    | 'synchronizePage'
    | 'pairLock'
    | 'fleetFailover'
    | 'notification'
    | 'promoteStandby'
    | 'promoteFleet';
  closed: 'COMPLETED' | 'FAILED' | 'CANCELED' | 'CONTINUED_AS_NEW';
  failure?: string;
}

const run = 'sequenceFailover';
const fleet = 'fleetFailover';
const promotion = 'promoteStandby';
const promotionFleet = 'promoteFleet';

/** The recordings by their file names: one for every ending, and one for each different path to it. */
export const recordings = {
  planned: { workflowType: run, closed: 'COMPLETED' },
  verified: { workflowType: run, closed: 'COMPLETED' },
  synchronized: { workflowType: run, closed: 'COMPLETED' },
  'handed-off': { workflowType: run, closed: 'COMPLETED' },
  'handed-off-to-promotion': { workflowType: run, closed: 'COMPLETED' },
  'handed-off-after-top-up': { workflowType: run, closed: 'COMPLETED' },
  'handed-off-with-digests': { workflowType: run, closed: 'COMPLETED' },
  'handed-off-after-resynchronization': { workflowType: run, closed: 'COMPLETED' },
  'handed-off-without-primary': { workflowType: run, closed: 'COMPLETED' },
  'invalid-input': { workflowType: run, closed: 'FAILED', failure: 'InvalidInput' },
  'invalid-input-undecodable': { workflowType: run, closed: 'FAILED', failure: 'InvalidInput' },
  'unknown-pair': { workflowType: run, closed: 'FAILED', failure: 'InvalidInput' },
  'not-ready': { workflowType: run, closed: 'FAILED', failure: 'NotReady' },
  'not-ready-locked': { workflowType: run, closed: 'FAILED', failure: 'NotReady' },
  'not-ahead': { workflowType: run, closed: 'FAILED', failure: 'NotAhead' },
  rejected: { workflowType: run, closed: 'FAILED', failure: 'Rejected' },
  'approval-timed-out': { workflowType: run, closed: 'FAILED', failure: 'ApprovalTimedOut' },
  'handoff-failed': { workflowType: run, closed: 'FAILED', failure: 'HandoffFailed' },
  cancelled: { workflowType: run, closed: 'CANCELED' },
  'continued-as-new': { workflowType: run, closed: 'CONTINUED_AS_NEW' },
  'handed-off-after-continue-as-new': { workflowType: run, closed: 'COMPLETED' },
  'pages-as-children': { workflowType: run, closed: 'COMPLETED' },
  page: { workflowType: 'synchronizePage', closed: 'COMPLETED' },
  'lock-released': { workflowType: 'pairLock', closed: 'COMPLETED' },
  vetoed: { workflowType: run, closed: 'FAILED', failure: 'Vetoed' },
  'handed-off-at-not-before': { workflowType: run, closed: 'COMPLETED' },
  'handed-off-after-changes': { workflowType: run, closed: 'COMPLETED' },
  notified: { workflowType: run, closed: 'COMPLETED' },
  notification: { workflowType: 'notification', closed: 'COMPLETED' },
  'fleet-notified': { workflowType: fleet, closed: 'COMPLETED' },
  'fleet-promotion-notified': { workflowType: promotionFleet, closed: 'COMPLETED' },
  'promotion-in-fleet-that-notifies': { workflowType: promotion, closed: 'COMPLETED' },
  'promotion-notified': { workflowType: promotion, closed: 'COMPLETED' },
  measured: { workflowType: run, closed: 'COMPLETED' },
  'measured-pages': { workflowType: run, closed: 'COMPLETED' },
  'measured-page': { workflowType: 'synchronizePage', closed: 'COMPLETED' },
  'fleet-completed': { workflowType: fleet, closed: 'COMPLETED' },
  'fleet-incomplete': { workflowType: fleet, closed: 'FAILED', failure: 'FleetIncomplete' },
  'fleet-cancelled': { workflowType: fleet, closed: 'CANCELED' },
  'fleet-rejected-before-the-start': { workflowType: fleet, closed: 'FAILED', failure: 'FleetIncomplete' },
  'fleet-invalid-input': { workflowType: fleet, closed: 'FAILED', failure: 'InvalidInput' },
  promoted: { workflowType: promotion, closed: 'COMPLETED' },
  'promoted-back': { workflowType: promotion, closed: 'COMPLETED' },
  'promotion-rehearsed': { workflowType: promotion, closed: 'COMPLETED' },
  'promotion-rehearsed-under-load': { workflowType: promotion, closed: 'COMPLETED' },
  'promoted-under-load': { workflowType: promotion, closed: 'COMPLETED' },
  'promotion-rejected': { workflowType: promotion, closed: 'FAILED', failure: 'Rejected' },
  'promotion-vetoed': { workflowType: promotion, closed: 'FAILED', failure: 'Vetoed' },
  'promotion-not-ready': { workflowType: promotion, closed: 'FAILED', failure: 'NotReady' },
  'promoted-in-fleet': { workflowType: promotion, closed: 'COMPLETED' },
  'promotion-stopped-by-fleet': { workflowType: promotion, closed: 'FAILED', failure: 'FleetStopped' },
  'fleet-promoted': { workflowType: promotionFleet, closed: 'COMPLETED' },
  'fleet-promotion-vetoed': { workflowType: promotionFleet, closed: 'FAILED', failure: 'Vetoed' },
  'fleet-handed-off-to-promotion': { workflowType: fleet, closed: 'COMPLETED' },
  'fleet-contradicting-decisions': { workflowType: fleet, closed: 'FAILED', failure: 'FleetIncomplete' },
  'promotion-primary-lost': { workflowType: promotion, closed: 'FAILED', failure: 'NotReady' },
  'promotion-primary-lost-in-way-back': { workflowType: promotion, closed: 'FAILED', failure: 'NotUndone' },
  'promotion-standby-lost': { workflowType: promotion, closed: 'FAILED', failure: 'NotUndone' },
  'promotion-new-primary-lost': { workflowType: promotion, closed: 'FAILED', failure: 'Unfinished' },
  'promotion-invalid-input': { workflowType: promotion, closed: 'FAILED', failure: 'InvalidInput' },
} as const satisfies Record<string, Recording>;

export type RecordingName = keyof typeof recordings;
export const recordingNames = Object.keys(recordings) as RecordingName[];

/** Recordings that record.ts can make and that are not committed yet. */
export const notRecordedYet: readonly RecordingName[] = [];

/** A committed history. */
export interface RecordedHistory {
  /** For instance `0.1.0/planned`. */
  id: string;
  release: string;
  name: string;
  load: () => History;
}

/** The histories of a release, as they lie in its folder now. */
export function historiesOf(release: string): RecordedHistory[] {
  return readdirSync(path.join(root, release))
    .filter((file) => file.endsWith('.json') && file !== MEANINGS)
    .sort()
    .map((file) => {
      const name = file.slice(0, -'.json'.length);
      const load = () => JSON.parse(readFileSync(path.join(root, release, file), 'utf8')) as History;
      return { id: `${release}/${name}`, release, name, load };
    });
}

/** All that are committed, whatever release wrote them. */
export const recordedHistories: readonly RecordedHistory[] = readdirSync(root).sort().flatMap(historiesOf);

/** What the histories of a release mean, by their names. */
export function meaningsFile(release: string): string {
  return path.join(root, release, MEANINGS);
}

export function loadMeanings(release: string): Record<string, unknown> {
  const file = meaningsFile(release);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>) : {};
}

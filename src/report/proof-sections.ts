import { printable } from '../contract/printable.js';
import { timeText } from '../sequences/time-text.js';
import { shortTime } from './time.js';
import { CHECKLIST } from '../contract/checklist.js';
import { isAboutSequences } from '../contract/finding-properties.js';
import type { FindingCode } from '../contract/findings.js';
import type { BlockName } from '../contract/gate.js';
import { plural } from '../contract/plural.js';
import type { PromotionFleetCertificate } from '../contract/promotion-fleet.js';
import type { RecordDigest } from '../record/record-digest.js';
import type { Report } from './report.js';
import type { Section } from './sections.js';

const LAST_RECHECK = ['at', 'sequence', 'headroom', 'calls a second', 'lasts', 'suggested buffer'];

/** About a pair or a run, not about one sequence: positions could not be compared with the primary's, or others may set them back. */
const LIMITS_OF_PROOF: ReadonlySet<string> = new Set<FindingCode>([
  ...(['PRIMARY_LOST', 'PRIMARY_UNREACHABLE'] as const),
  ...(['SEQUENCES_REFRESHING', 'SEQUENCES_SUBSCRIBED'] as const),
]);

/** Whether the finding is an exception to the proof that every sequence is ahead of the primary. @param others those of the same run */
function isAboutProof(finding: BlockName, others: readonly BlockName[]): boolean {
  // Before a promotion, it is about an earlier fence.
  if (finding.code === 'LEDGER_UNREADABLE') return others.some(({ code }) => code === 'PRIMARY_LOST');
  return isAboutSequences(finding) || LIMITS_OF_PROOF.has(finding.code);
}

/** How an item of the checklist was done, with what an approval accepted, or what the run left to people. */
function doneText(item: string, { findings, proof }: Pick<Report, 'findings' | 'proof'>): string {
  const accepted = findings.filter(
    (one) => one.severity === 'block' && one.acceptedBy.length > 0 && isAboutProof(one, findings),
  );
  if (item === CHECKLIST.verify && accepted.length > 0)
    return `yes, apart from ${plural(accepted.length, 'block')} that an approval accepted (see Findings)`;
  if (item === CHECKLIST.handOff && proof.handoff === null)
    return 'yes; no promotion was named, so none was started';
  return 'yes';
}

function notDoneText(item: string, { findings }: Pick<Report, 'findings'>): string {
  const behind = findings.filter((one) => one.severity === 'block' && isAboutProof(one, findings));
  return item === CHECKLIST.verify && behind.length > 0
    ? `no: ${plural(behind.length, 'block')} ${behind.length === 1 ? 'is' : 'are'} left (see Findings)`
    : 'no';
}

/** The sections of the proof. One is left out if the histories have nothing about it. */
export function proofSections(report: Report): Section[] {
  const { proof, members } = report;
  const { checklist, rounds, positions, lastRecheck, certificate, fleetCertificate, steps, histories } =
    proof;
  const sections: Section[] = [
    {
      ...{ title: 'Times', columns: ['what', 'value'], none: '' },
      rows: timesOf(proof),
    },
    {
      ...{ title: 'Checklist', columns: ['item', 'done', 'at'], none: '' },
      rows: checklist.map(({ item, done, at }) => [
        item,
        done ? doneText(item, report) : notDoneText(item, report),
        at ?? '',
      ]),
    },
    {
      ...{ title: 'Rounds', columns: ['round', 'primary read at', 'recorded at'], none: '' },
      rows: rounds.map(({ round, primaryReadAt, recordedAt }) => [
        String(round),
        primaryReadAt ?? '',
        shortTime(recordedAt),
      ]),
    },
    {
      ...{ title: 'Least headroom at the last recheck', columns: LAST_RECHECK, none: '' },
      rows: (lastRecheck?.least ?? []).map((one) => [
        ...[shortTime(lastRecheck?.at ?? ''), printable(one.sequence), one.calls, one.callsPerSecond ?? ''],
        ...[one.lastsSeconds === null ? '' : timeText(BigInt(one.lastsSeconds)), one.suggestedBuffer ?? ''],
      ]),
    },
    {
      ...{
        title: 'Confirmed positions',
        columns: ['at', 'LSN of the primary that the standby had confirmed'],
        none: '',
      },
      rows: positions.map(({ at, lsn }) => [shortTime(at), lsn]),
    },
    {
      ...{ title: 'Digest of the record', columns: ['what', 'value'], none: '' },
      rows: proof.recordDigest === null ? [] : digestRows(proof.recordDigest),
    },
    {
      ...{ title: 'Certificate of the promotion', columns: ['what', 'value'], none: '' },
      rows: certificate === null ? [] : certificateRows(certificate),
    },
    {
      ...{ title: 'Certificate of the fleet', columns: ['what', 'value'], none: '' },
      rows: fleetCertificate === undefined ? [] : fleetCertificateRows(fleetCertificate),
    },
    {
      ...{
        title: 'Steps of the promotion',
        columns: ['step', 'state', 'started at', 'milliseconds'],
        none: '',
      },
      rows: steps.map(({ step, state, startedAt, ms }) => [
        step,
        state,
        startedAt ?? '',
        ms === null ? '' : String(ms),
      ]),
    },
  ];
  const all = [{ proof }, ...members].flatMap((one) => one.proof.histories);
  return [
    ...sections.filter(({ rows }) => rows.length > 0),
    {
      title: 'Histories',
      columns: ['workflow', 'run', 'events', 'SHA-256 of the events'],
      rows: (members.length === 0 ? histories : all).map(({ workflowId, runId, events, sha256 }) => [
        ...[printable(workflowId), printable(runId), String(events), sha256],
      ]),
      none: 'There are no histories.',
    },
  ];
}

function timesOf({ primaryReadAt, verifiedAt, minimumHeadroom, handoff }: Report['proof']): string[][] {
  const rows: [string, string | null][] = [
    ['The primary was last read at', primaryReadAt],
    ['The standby was last verified at', verifiedAt],
    [
      'Least headroom then',
      minimumHeadroom && `${minimumHeadroom.calls} calls of nextval, on ${minimumHeadroom.sequence}`,
    ],
    [
      'Handed off to',
      handoff && `${handoff.workflowType} ${handoff.workflowId}, run ${handoff.runId ?? 'not started'}`,
    ],
  ];
  return rows.flatMap(([name, value]) => (value === null ? [] : [[name, printable(value)]]));
}

function digestRows({ sha256, records, covered, problems }: RecordDigest): string[][] {
  return [
    [
      'SHA-256, as record_digest in the ledger',
      sha256 ?? 'none: the record was not closed yet, or by a worker of an earlier release',
    ],
    ...(sha256 === null ? [] : [['Records of rows that it covers', `${covered} of ${records}`]]),
    [
      'Computed again from this history',
      problems.length === 0 ? (sha256 === null ? 'nothing to compare' : 'the same') : problems.join('; '),
    ],
  ];
}

function fleetCertificateRows(one: PromotionFleetCertificate): string[][] {
  return [
    ['First pair fenced at', one.fencedAt],
    ['All pairs ready, and the switch ordered, at', one.decidedAt],
    ['Last pair open at', one.openedAt],
    ['Outage', `${one.outageMs} ms`],
    ...(one.predictedOutageMs === null
      ? []
      : [['Outage that the last rehearsals predicted', `${one.predictedOutageMs} ms`]]),
    ...one.pairs.map(({ pair, fenceLsn, confirmedLsn, verificationLsn, sequences, outageMs }) => [
      printable(pair),
      `fenced at ${fenceLsn}, ${confirmedLsn === null ? 'confirmed by no subscription' : `confirmed ${confirmedLsn}`}, verified ${verificationLsn}; ${plural(sequences, 'sequence')}, ${outageMs} ms`,
    ]),
  ];
}

function certificateRows(one: NonNullable<Report['proof']['certificate']>): string[][] {
  return [
    ['LSN of the fence', one.fenceLsn],
    ['LSN that every subscription had confirmed', one.confirmedLsn ?? 'none: there was no subscription'],
    ['LSN after the sequences were verified', one.verificationLsn],
    ['Sequences read behind the fence', String(one.sequences)],
    ['Fenced at', one.fencedAt],
    ['Open at', one.openedAt],
    ['Outage', `${one.outageMs} ms`],
    ...(one.predictedOutageMs === null
      ? []
      : [['Outage that the last rehearsal predicted', `${one.predictedOutageMs} ms`]]),
  ];
}

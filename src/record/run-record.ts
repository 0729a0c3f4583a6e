import type { RunResult, SequenceRow, Status } from '../contract/status.js';
import type { Identity } from '../steps/identity.js';
import type {
  ApplyInput,
  CloseInput,
  ComputeInput,
  RecordRequest,
  VerifyReport,
} from '../steps/page-steps.js';
import type { PlannedSequence } from '../steps/rows.js';
import { unpackTable } from '../steps/table.js';
import { toRow } from '../steps/sequence-row.js';
import { upgradeTable } from '../steps/implied.js';
import { addRow } from './add-row.js';
import { assertDecrypted } from './encrypted.js';
import { attributesOf, type EncodedPayload, firstPayload, type HistoryEvent } from './history-json.js';
import { messagesOf, type RecordedMessage } from './messages.js';
import type { RunHistories } from './read-run.js';
import { type Step, stepsOf } from './steps.js';
import { plansIn, recheckIn } from './planned.js';

/** A setval that a run scheduled. */
export interface RecordedSetting {
  /** Null if none of the given histories has the name. */
  sequence: string | null;
  oid: number;
  increment: string;
  /** The next value that the sequence was to have. */
  target: string;
  called: boolean;
}

/** The rows that a round recorded; the ledger has the same. */
export interface RecordedRound {
  round: number;
  rows: SequenceRow[];
}

/** Everything that the histories of a run contain about its sequences. */
export interface RunRecord {
  workflowId: string;
  /** The databases that every step checked; null if no step had them yet. */
  servers: { primary: Identity; standby: Identity } | null;
  settings: RecordedSetting[];
  rounds: RecordedRound[];
  /** The final row of each sequence. */
  rows: SequenceRow[];
  /** The status in the closing event; for a cancelled run, in its last step. Null while the run is open. */
  status: Status | RunResult | null;
  /**
   * All messages to the run, refused ones too, each with what the server knows of its sender: `by` is what the message says, `identity` what
   * the client calls itself, `principal` whom the server authenticated. `isByAnother` is true where `by` and `principal` differ: a report has to
   * point that out.
   */
  messages: RecordedMessage[];
  missing: RunHistories['missing'];
}

/**
 * Makes the record of a run from its histories alone, without a worker or the ledger.
 *
 * @throws Error for payloads that are encrypted
 */
export function toRecord(histories: RunHistories): RunRecord {
  assertDecrypted(histories);
  const { workflowId, chain, pages, missing } = histories;
  const steps = [...chain, ...pages].flatMap(stepsOf);
  const planned = steps.flatMap(plansIn);
  const rounds = roundsOf(steps);
  return {
    workflowId,
    servers: serversOf(steps),
    settings: settingsOf(steps, planned),
    rounds,
    // Modes that set nothing record no rounds. Their rows are the planned rows, with the verified values.
    rows: rounds.length > 0 ? finalRows(rounds) : withVerified(planned, steps).map(toRow),
    status: statusOf(
      chain.flatMap(({ events }) => events),
      steps,
    ),
    messages: messagesOf(chain),
    missing,
  };
}

const isOf = (activity: string) => (step: Step) => step.activity === activity;

function serversOf(steps: readonly Step[]): RunRecord['servers'] {
  for (const { input } of steps) {
    const { identity } = (input ?? {}) as Partial<ComputeInput>;
    if (identity !== undefined) return { primary: identity.primary, standby: identity.standby };
  }
  return null;
}

function settingsOf(steps: readonly Step[], planned: readonly PlannedSequence[]): RecordedSetting[] {
  const topUps = steps.flatMap((step) => recheckIn(step)?.topUps ?? []);
  const names = new Map([...planned, ...topUps].map(({ oid, sequence }) => [oid, sequence]));
  return steps.filter(isOf('applyTargets')).flatMap(({ input }) => {
    const { settings, alone } = input as ApplyInput;
    return unpackTable(settings).map((setting) => ({
      sequence: alone ?? names.get(setting.oid) ?? null,
      ...setting,
    }));
  });
}

function roundsOf(steps: readonly Step[]): RecordedRound[] {
  const rounds = new Map<number, SequenceRow[]>();
  for (const { input } of steps.filter(isOf('recordBuffer'))) {
    const { round, rows } = input as RecordRequest;
    rounds.set(round, [...(rounds.get(round) ?? []), ...unpackTable(upgradeTable(rows, 'row')).map(toRow)]);
  }
  return [...rounds].sort(([a], [b]) => a - b).map(([round, rows]) => ({ round, rows }));
}

/** The last row of each sequence. */
function finalRows(rounds: readonly RecordedRound[]): SequenceRow[] {
  const rows = new Map<string, SequenceRow>();
  for (const row of rounds.flatMap((round) => round.rows)) addRow(rows, row);
  return [...rows.values()];
}

/** A verification has one value for each sequence, in the order of its `expectations`. */
function withVerified(planned: PlannedSequence[], steps: readonly Step[]): PlannedSequence[] {
  const byOid = new Map(planned.map((row) => [row.oid, row]));
  const verifications = steps.filter((step) => isOf('verifyStandby')(step) || isOf('verifyByEvidence')(step));
  for (const { input, result } of verifications) {
    if (result == null) continue;
    const expected = unpackTable(
      (input as { expectations: Parameters<typeof unpackTable<{ oid: number }>>[0] }).expectations,
    );
    (result as VerifyReport).standbyNext.forEach((next, position) => {
      const row = byOid.get(expected[position]?.oid);
      if (row !== undefined) row.standbyNext = next;
    });
  }
  return planned;
}

interface Failed {
  failure: { applicationFailureInfo?: { details?: { payloads?: EncodedPayload[] } } };
}

function statusOf(events: readonly HistoryEvent[], steps: readonly Step[]): RunRecord['status'] {
  const last = events.at(-1);
  if (last === undefined) return null;
  const completed = attributesOf<{ result: { payloads?: EncodedPayload[] } }>(
    last,
    'workflowExecutionCompleted',
  );
  if (completed !== undefined) return firstPayload(completed.result) as RunResult;
  const failed = attributesOf<Failed>(last, 'workflowExecutionFailed');
  if (failed !== undefined)
    return firstPayload(failed.failure?.applicationFailureInfo?.details) as Status | null;
  if (attributesOf(last, 'workflowExecutionCanceled') === undefined) return null;
  const closing = steps.filter(isOf('closeRecord')).at(-1)?.input as CloseInput | undefined;
  return closing?.status ?? null;
}

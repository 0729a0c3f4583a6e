import { isAboutSequences } from '../../src/contract/finding-properties.js';
import { withoutInternalFields } from '../../src/findings/fold-findings.js';
import type { Gate } from '../../src/contract/gate.js';
import type {
  ChecklistItem,
  MeasuredConsumption,
  Finding,
  PageProgress,
  Status,
} from '../../src/contract/status.js';
import { selectionGiven } from '../../src/contract/selection.js';
import { callsPerSecond, secondsLeft } from '../../src/sequences/consumption.js';
import { runsOutFirst } from '../../src/sequences/watch-list.js';
import { CHECKLIST } from '../../src/contract/checklist.js';
import type { RunMemory } from './run-memory.js';

/** The IDs of the run's workflow. */
export type Execution = Pick<Status, 'workflowId' | 'runId' | 'firstRunId'>;

/** For a run outside a workflow, as in unit tests. */
export const NOWHERE: Execution = { workflowId: null, runId: null, firstRunId: null };

/** For a run whose input was invalid. */
const NO_INPUT = { pair: null, mode: null, ticket: null, requestedBy: null };
/** Until the readiness check has read the servers. */
const NO_SERVERS = { primary: null, standby: null };

/** The answer of a run to the query `status`, which is also its result. */
export function toStatus(
  execution: Execution,
  memory: RunMemory,
  findings: readonly Finding[],
  gate: Gate | null,
  pages: PageProgress | null = null,
): Status {
  const consumption = consumptionOf(memory);
  const { pair, mode, ticket, requestedBy } = memory.input ?? NO_INPUT;
  const { primary, standby } = memory.readiness ?? NO_SERVERS;
  return {
    ...execution,
    pair,
    mode,
    phase: memory.phase,
    startedAt: memory.startedAt,
    ticket,
    requestedBy,
    primary,
    standby,
    buffer: bufferOf(memory),
    counts: memory.counts,
    round: memory.round,
    findings: findings.map(withoutInternalFields),
    minimumHeadroom: memory.minimumHeadroom,
    ...(consumption === null ? {} : { consumption }),
    ...(pages === null ? {} : { pages }),
    gate,
    checklist: toChecklist(memory.checklist, findings, gate),
    verifiedAt: memory.verifiedAt,
    primaryReadAt: memory.primaryReadAt,
    handoff: memory.handoff && { ...memory.handoff, runId: memory.promotionRunId ?? null },
    ending: memory.ending ?? null,
    ...(memory.recordDigest === undefined ? {} : { recordDigest: memory.recordDigest }),
    ...(memory.ending === undefined ? {} : selectionOf(memory.input)),
  };
}

/** The patterns of the input, which the status of the end has, and the record that a promotion gets. */
export function selectionOf(input: RunMemory['input']): Pick<Status, 'selection'> {
  const selection = input === null ? null : selectionGiven(input);
  return selection === null ? {} : { selection };
}

function consumptionOf({ watched }: RunMemory): MeasuredConsumption | null {
  const first = runsOutFirst(watched);
  if (first === null) return null;
  const { sequence, headroom, rate } = first;
  return {
    ...{ sequence, headroom: String(headroom), callsPerSecond: callsPerSecond(rate) },
    lastsSeconds: String(secondsLeft(headroom, rate) ?? 0n),
  };
}

/** The readiness check decides which buffer applies. Until then the status shows that of the input. */
function bufferOf({ input, readiness }: RunMemory): Status['buffer'] {
  return {
    policy: readiness?.buffer ?? input?.buffer ?? null,
    calls: readiness?.calls ?? null,
    ...(input?.bufferReason === undefined ? {} : { reason: input.bufferReason }),
  };
}

/** While sequences are not ahead, and no approval that counts has accepted them, the verification has not been passed. */
function toChecklist(
  steps: RunMemory['checklist'],
  findings: readonly Finding[],
  gate: Gate | null,
): ChecklistItem[] {
  const isPassed =
    gate?.state === 'approved' ||
    !findings.some((finding) => finding.severity === 'block' && isAboutSequences(finding));
  return steps.map(({ step, at }) => ({
    ...{ item: CHECKLIST[step], at },
    done: at !== null && (step !== 'verify' || isPassed),
  }));
}

import { withoutSubject } from '../../src/findings/fold-findings.js';
import type { ChecklistItem, Finding, Gate, Status } from '../../src/contract/status.js';
import { CHECKLIST } from './checklist.js';
import type { RunMemory } from './run-memory.js';

/** The workflow that a run is, for its record. */
export type Execution = Pick<Status, 'workflowId' | 'runId' | 'firstRunId'>;

/** Of a run that no workflow is: tests have such. */
export const NOWHERE: Execution = { workflowId: null, runId: null, firstRunId: null };

/** What a run answers to the query `status`, and ends with. */
export function toStatus(
  execution: Execution,
  memory: RunMemory,
  findings: readonly Finding[],
  gate: Gate | null,
): Status {
  const { input, readiness } = memory;
  return {
    ...execution,
    pair: input?.pair ?? null,
    mode: input?.mode ?? null,
    phase: memory.phase,
    startedAt: memory.startedAt,
    ticket: input?.ticket ?? null,
    requestedBy: input?.requestedBy ?? null,
    primary: readiness?.primary ?? null,
    standby: readiness?.standby ?? null,
    buffer: {
      policy: readiness?.buffer ?? input?.buffer ?? null,
      calls: readiness?.calls ?? null,
      ...reasonOf(input),
    },
    counts: memory.counts,
    round: memory.round,
    findings: findings.map(withoutSubject),
    minimumHeadroom: memory.minimumHeadroom,
    gate,
    checklist: toChecklist(memory.checklist),
    verifiedAt: memory.verifiedAt,
    primaryReadAt: memory.primaryReadAt,
    handoff: memory.handoff && { ...memory.handoff, runId: memory.promotionRunId ?? null },
    ending: memory.ending ?? null,
  };
}

function reasonOf(input: RunMemory['input']): { reason?: string } {
  return input?.bufferReason === undefined ? {} : { reason: input.bufferReason };
}

function toChecklist(steps: RunMemory['checklist']): ChecklistItem[] {
  return steps.map(({ step, at }) => ({ item: CHECKLIST[step], done: at !== null, at }));
}

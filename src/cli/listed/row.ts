import { UnansweredError } from '../../client/failover-run.js';
import type { Listed } from '../../client/list-workflows.js';
import { mapConcurrently } from '../../concurrency/map-concurrently.js';
import { shellQuoted } from '../../contract/shell.js';
import type { Mode } from '../../contract/modes.js';
import type { Phase } from '../../contract/status.js';
import { fleetLine, runLine } from '../../terminal/change-line.js';
import { errorText } from '../../terminal/error-text.js';
import { nextSteps } from '../../terminal/next-step.js';
import { phaseInWords, promotionFleetPhaseInWords, promotionPhaseInWords } from '../../terminal/phase.js';
import { fleetNextSteps } from '../../terminal/screens/fleet-screen.js';
import { promotionFleetNextSteps } from '../../terminal/screens/promotion-fleet-screen.js';
import { promotionNextSteps } from '../../terminal/screens/promotion-screen.js';
import type { ListedRow } from '../../terminal/workflow-list.js';

/** The number of workflows that are queried at the same time. */
const QUERIES_AT_ONCE = 5;

/** Queries each open workflow, unless no worker could answer. Then the row has only the facts that the server knows. */
export async function openRows(listed: readonly Listed[], isAnyWorker: boolean): Promise<ListedRow[]> {
  let isSilent = !isAnyWorker;
  return mapConcurrently(QUERIES_AT_ONCE, listed, async (one) => {
    if (isSilent) return { ...knownToServer(one), trouble: 'no worker answers' };
    try {
      return await queriedRow(one);
    } catch (error) {
      // The other queries would not be answered either, and each would take as long.
      if (error instanceof UnansweredError) isSilent = true;
      const trouble = error instanceof UnansweredError ? 'no worker answers' : errorText(error);
      return { ...knownToServer(one), trouble };
    }
  });
}

/** Reads the result or the failure of each workflow that has ended. It needs no worker. */
export async function endedRows(listed: readonly Listed[]): Promise<ListedRow[]> {
  return mapConcurrently(QUERIES_AT_ONCE, listed, async (one) => {
    const row = { ...knownToServer(one), next: [] };
    // A history that was deleted meanwhile, or that cannot be decoded here, must not hide the other rows.
    const ending = await one.of.run.ending().catch(errorText);
    if (typeof ending === 'string') return { ...row, trouble: ending };
    switch (ending.state) {
      case 'completed':
        return { ...row, ...subjectOf(ending.result), outcome: ending.result.outcome };
      case 'failed':
        return {
          ...row,
          ...(ending.status === null ? {} : subjectOf(ending.status)),
          outcome: ending.type,
          doing: ending.message,
        };
      default:
        return { ...row, outcome: one.state };
    }
  });
}

/** The facts of the server's list, with the search attributes and the memo. All other fields are null. */
function knownToServer({ of, attributes, ...listed }: Listed): ListedRow {
  const { workflowId } = listed;
  const { phase = null, gate = null } = attributes;
  return {
    ...{ workflowId, runId: listed.runId, kind: of.kind },
    pair: listed.pair ?? attributes.pair ?? null,
    pairs: null,
    mode: attributes.mode ?? null,
    isRehearsal: false,
    ...{ phase, gate, heldUntil: null },
    ticket: listed.ticket ?? attributes.ticket ?? null,
    requestedBy: null,
    ...{ startedAt: listed.startedAt, endedAt: listed.endedAt },
    state: listed.state,
    outcome: attributes.outcome ?? null,
    doing: [
      ...(phase === null ? [] : [phaseInWords(phase as Phase, (attributes.mode ?? null) as Mode | null)]),
      ...(gate === null ? [] : [`gate ${gate}`]),
    ].join('; '),
    next: [watch(workflowId)],
    trouble: null,
  };
}

/** @throws UnansweredError, or the error of the query */
async function queriedRow(listed: Listed): Promise<ListedRow> {
  const row = knownToServer(listed);
  const { workflowId, of } = listed;
  switch (of.kind) {
    case 'run': {
      const status = await of.run.status();
      const { phase, gate, mode } = status;
      return {
        ...{ ...row, ...subjectOf(status), mode, phase, gate: gate?.state ?? null },
        heldUntil: gate?.heldUntil ?? null,
        doing: runLine(status),
        next: orWatch(nextSteps(status, workflowId), workflowId),
      };
    }
    case 'fleet': {
      const status = await of.run.status();
      const { phase, gate, mode } = status;
      const attentionNames = gate?.attention.map(({ pair }) => pair) ?? [];
      return {
        ...{ ...row, ...subjectOf(status), mode, phase, gate: gate?.state ?? null },
        pairs: status.counts.total,
        doing: fleetLine({ ...status, attentionNames }),
        next: orWatch(fleetNextSteps(status, workflowId), workflowId),
      };
    }
    case 'promotion': {
      const status = await of.run.status();
      return {
        ...{ ...row, ...subjectOf(status), phase: status.phase },
        doing: promotionPhaseInWords(status),
        next: [watch(workflowId), ...promotionNextSteps(status, workflowId)],
      };
    }
    case 'promotion-fleet': {
      const status = await of.run.status();
      return {
        ...{ ...row, ...subjectOf(status), phase: status.phase },
        pairs: status.pairs.length,
        doing: promotionFleetPhaseInWords(status.phase),
        next: [watch(workflowId), ...promotionFleetNextSteps(status, workflowId)],
      };
    }
  }
}

interface Subject {
  startedAt: string;
  ticket: string | null;
  requestedBy: string | null;
  pair?: string | null;
  mode?: string | null;
  rehearsal?: boolean;
}

/** The fields for which a status is better than the server's list: after a continue-as-new, it still has the first start. */
function subjectOf({ startedAt, ticket, requestedBy, pair, mode, rehearsal }: Subject): Partial<ListedRow> {
  return {
    ...{ startedAt, ticket, requestedBy },
    ...(pair != null && { pair }),
    ...(mode != null && { mode }),
    ...(rehearsal !== undefined && { isRehearsal: rehearsal }),
  };
}

const watch = (workflowId: string) => `watch it: sequence-failover watch ${shellQuoted(workflowId)}`;

function orWatch(steps: string[], workflowId: string): string[] {
  return steps.length === 0 ? [watch(workflowId)] : steps;
}

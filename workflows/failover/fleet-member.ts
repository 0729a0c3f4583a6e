import { defineSignal, getExternalWorkflowHandle, workflowInfo } from '@temporalio/workflow';
import { INTERNAL_SIGNALS, MEMO } from '../../src/contract/names.js';
import { BLOCK_TEXT, BLOCKS_DESCRIBED, BLOCKS_NAMED } from '../../src/contract/fleet-reports.js';
import type { MemberReport } from '../../src/contract/fleet-status.js';
import { foldFindings, withoutInternalFields } from '../../src/findings/fold-findings.js';
import { cutJson } from '../../src/contract/parsing/json-size.js';
import { cut } from '../../src/contract/parsing/text.js';
import type { Gate } from '../../src/contract/gate.js';
import type { Status } from '../../src/contract/status.js';
import { readLastReport, nextReport, whileClosed } from './fleet-report.js';
import type { Run } from './run.js';

export const memberSignal = defineSignal<unknown[]>(INTERNAL_SIGNALS.member);

/** Limits of the result of a fleet's run: a thousand results share the history of the fleet, which has at most 50 MB. */
const FINDINGS_AT_END = 20;
const REFUSALS_AT_END = 5;
const ACCEPTED_AT_END = 5;
/** Bytes of JSON. */
const TEXT_AT_END = 500;

/** Whether a fleet started this run. A parent of another type must not receive signals that it does not know. */
export function isFleetMember(): boolean {
  const { parent, memo } = workflowInfo();
  return parent !== undefined && memo?.[MEMO.fleet] === parent.workflowId;
}

/**
 * If a fleet started the run, sends it the changes at the gate while a decision is awaited. The signals go to the fleet's workflow ID. A
 * signal that cannot be delivered is dropped, since the run does not depend on its fleet.
 */
export function reportToFleet(run: Run): void {
  const { parent } = workflowInfo();
  if (parent === undefined || !isFleetMember()) return;
  const { gate, counts, minimumHeadroom, pair } = run.status();
  if (gate === null || pair === null) return;
  const told = readLastReport(run.memory.toldFleet);
  if (gate.state === 'closed' || run.memory.gate?.resynchronizeBy) {
    if (told !== null) run.toldFleet(JSON.stringify(whileClosed(told)));
    return;
  }
  if (gate.state !== 'open' && gate.state !== 'blocked') return;
  const tell = nextReport(told, gate, Date.now());
  if (tell === null) return;
  run.toldFleet(JSON.stringify(tell));
  const report: MemberReport = {
    pair,
    gate: gate.state,
    counts,
    minimumHeadroom,
    approvals: gate.approvals.length,
    ...(gate.heldUntil === undefined ? {} : { heldUntil: gate.heldUntil }),
    blockedBy: gate.blockedBy.slice(0, BLOCKS_NAMED),
    blockedCount: gate.blockedBy.length,
    blocks: run
      .findings()
      .filter(({ severity }) => severity === 'block')
      .slice(0, BLOCKS_DESCRIBED)
      .map(({ code, sequence, message, remedy }) => ({
        code,
        sequence,
        message: cut(message, BLOCK_TEXT / 2),
        remedy: cut(remedy, BLOCK_TEXT),
      })),
    refused: gate.refused.at(-1) ?? null,
    refusedCount: gate.refusedCount,
    ...(run.notified.isOn ? { notifies: true } : {}),
  };
  getExternalWorkflowHandle(parent.workflowId)
    .signal(memberSignal, report)
    // A fleet that has ended needs to know nothing.
    .catch(() => undefined);
}

/** Details of the failure of a run in a fleet: the status, and whether its worker can notify. */
export function whetherToNotify(run: Run): { notifies: true }[] {
  return isFleetMember() && run.notified.isOn ? [{ notifies: true }] : [];
}

/** The status with which a run ends: in a fleet with fewer findings, which its query `status` still has. */
export function closingStatus<T extends Status>(status: T): T {
  if (!isFleetMember()) return status;
  const { findings, gate } = status;
  const shown = { ...status };
  // Left out here: the input of the run has it, and so has the query `status`.
  delete shown.selection;
  return {
    ...shown,
    findings: foldFindings(findings, FINDINGS_AT_END).map((finding) => ({
      ...withoutInternalFields(finding),
      message: cutJson(finding.message, TEXT_AT_END),
      remedy: cutJson(finding.remedy, TEXT_AT_END),
    })),
    gate: gate && shortened(gate),
  };
}

/** The gate with a few entries of each list, and shorter texts. */
function shortened(gate: Gate): Gate {
  const { approvals, approvers, decidedRows, refused, blockedBy } = gate;
  return {
    ...gate,
    approvals: approvals.map(({ accept, ignoreRows, raisePastRows, reason, ...approval }) => ({
      ...approval,
      reason: reason === null ? null : cutJson(reason, TEXT_AT_END),
      accept: accept.slice(0, ACCEPTED_AT_END),
      ...(ignoreRows === undefined ? {} : { ignoreRows: ignoreRows.slice(0, ACCEPTED_AT_END) }),
      ...(raisePastRows === undefined ? {} : { raisePastRows: raisePastRows.slice(0, ACCEPTED_AT_END) }),
    })),
    ...(decidedRows === undefined ? {} : { decidedRows: decidedRows.slice(-ACCEPTED_AT_END) }),
    refused: refused
      .slice(-REFUSALS_AT_END)
      .map((refusal) => ({ ...refusal, reason: cutJson(refusal.reason, 200) })),
    blockedBy: blockedBy.slice(0, BLOCKS_NAMED),
    ...(approvers === undefined
      ? {}
      : { approvers: { ...approvers, from: approvers.from?.slice(0, ACCEPTED_AT_END) ?? null } }),
  };
}

import { outcomesText } from '../contract/counts.js';
import { describeApprovers } from '../contract/approvers.js';
import { describeServer } from '../contract/describe-server.js';
import { plural } from '../contract/plural.js';
import type { Status } from '../contract/status.js';
import { ago, until } from './age.js';
import { headroomLines } from './headroom-lines.js';
import { labelled } from './labelled.js';
import { withShortCommands } from './short-commands.js';
import { printable } from '../contract/printable.js';

/** The facts about a run: servers, counts, buffer, least headroom, age of the proof. Lines without a known fact are left out. */
export function summaryLines(status: Status, now: number): string[] {
  const { primary, standby, counts, buffer, ticket, requestedBy } = status;
  return [
    ...labelled('primary', primary && describeServer(primary)),
    ...labelled('standby', standby && describeServer(standby)),
    ...labelled('sequences', counts.total === 0 ? null : describeCounts(status)),
    ...labelled('buffer', describeBuffer(buffer)),
    ...headroomLines(status, now),
    ...verifiedLines(status, now),
    ...labelled('asked by', requestedBy),
    ...labelled('ticket', ticket),
  ];
}

export function describeCounts({ counts, mode }: Pick<Status, 'counts' | 'mode'>): string {
  return `${counts.total}: ${outcomesText(counts, mode)}`;
}

function describeBuffer({ calls, reason }: Status['buffer']): string | null {
  if (calls === null) return null;
  return `${calls} calls of nextval${reason === undefined ? '' : ` (${reason})`}`;
}

/** The age of the proof. After the end of a run it does not matter. */
export function verifiedLines({ verifiedAt, phase }: Status, now: number): string[] {
  if (verifiedAt === null) return [];
  return labelled('verified', phase === 'done' ? verifiedAt : `${ago(verifiedAt, now)}, at ${verifiedAt}`);
}

/** The gate: its state and approvals, the people who may approve, and the deadline. */
export function gateLines({ gate, workflowId }: Status, now: number): string[] {
  if (gate === null) return [];
  const { state, approvals, required, deadline, refusedCount, approvers, notBefore, heldUntil } = gate;
  const by = approvals.length === 0 ? '' : `, by ${approvals.map((approval) => approval.by).join(', ')}`;
  const isWaiting = state === 'open' || state === 'blocked';
  return [
    ...labelled('gate', `${state}: ${approvals.length} of ${required} approvals${by}`),
    ...labelled('approvers', approvers === undefined ? null : describeApprovers(approvers)),
    ...labelled(
      'not before',
      notBefore === undefined
        ? null
        : `${notBefore}${heldUntil === undefined ? '' : `: approved, waits until then (${until(heldUntil, now)})`}`,
    ),
    ...labelled(
      'deadline',
      deadline === null ? null : `${deadline}${isWaiting ? `, ${until(deadline, now)}` : ''}`,
    ),
    ...labelled('refused', describeRefusals(refusedCount, gate.refused.at(-1)?.reason, workflowId)),
  ];
}

function describeRefusals(count: number, last: string | undefined, workflowId: string | null): string | null {
  if (count === 0) return null;
  const messages = plural(count, 'message');
  return last === undefined
    ? messages
    : `${messages}, the last one because: ${printable(workflowId === null ? last : withShortCommands(last, { workflowId }))}`;
}

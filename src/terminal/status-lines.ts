import type { Colors } from 'picocolors/types.js';
import { describeApprovers } from '../contract/approvers.js';
import type { Finding, Server, Status } from '../contract/status.js';
import { printable } from './printable.js';
import { wrap } from './text-table.js';

/** How wide the lines may be, and the colours of the terminal. */
export interface Look {
  colors: Colors;
  /** Columns. */
  width: number;
}

/** What a run works on: servers, counts, buffer, least headroom. Lines that nothing is known of yet are left out. */
export function summaryLines(status: Status): string[] {
  const { primary, standby, counts, buffer, minimumHeadroom, ticket, requestedBy } = status;
  const lines: [string, string | null][] = [
    ['primary', primary && describeServer(primary)],
    ['standby', standby && describeServer(standby)],
    ['sequences', counts.total === 0 ? null : describeCounts(status)],
    [
      'buffer',
      buffer.calls === null
        ? null
        : `${buffer.calls} calls of nextval${buffer.reason === undefined ? '' : ` (${buffer.reason})`}`,
    ],
    ['headroom', minimumHeadroom && `least: ${minimumHeadroom.calls} calls, on ${minimumHeadroom.sequence}`],
    ['asked by', requestedBy],
    ['ticket', ticket],
  ];
  return lines.flatMap(([title, text]) => (text === null ? [] : [`${title.padEnd(10)} ${printable(text)}`]));
}

function describeServer({ host, port, database, serverVersion }: Server): string {
  return `${host}:${port}/${database}, PostgreSQL ${serverVersion}`;
}

function describeCounts({ counts, mode }: Status): string {
  const { total, applied, kept, skipped, failed } = counts;
  const set = mode === 'sync' || mode === 'failover' ? 'set' : 'to be set';
  return `${total}: ${applied} ${set}, ${kept} ahead already, ${skipped} skipped, ${failed} failed`;
}

/** Of a run, or of a promotion. */
type AnyFinding = Pick<Finding, 'severity' | 'message' | 'remedy'> & { code: string };

/** One finding: what it is, what happened, and the remedy, which can be copied whole. */
export function findingLines(
  { severity, code, message, remedy }: AnyFinding,
  { colors, width }: Look,
): string[] {
  const color = { block: colors.red, warn: colors.yellow, info: colors.cyan }[severity];
  return [
    `${color(severity)} ${colors.bold(code)}`,
    ...wrap(printable(message), width - 2).map((line) => `  ${line}`),
    ...(remedy === '' ? [] : [colors.dim(`  → ${printable(remedy)}`)]),
  ];
}

/** All findings, the blocks first. */
export function findingsLines(findings: readonly AnyFinding[], look: Look): string[] {
  const order = { block: 0, warn: 1, info: 2 };
  const sorted = [...findings].sort((a, b) => order[a.severity] - order[b.severity]);
  return sorted.flatMap((finding) => ['', ...findingLines(finding, look)]);
}

/** What the gate waits for. */
export function gateLines({ gate }: Status): string[] {
  if (gate === null) return [];
  const { state, approvals, required, deadline, refusedCount, approvers, notBefore, heldUntil } = gate;
  const by =
    approvals.length === 0 ? '' : `, by ${approvals.map((approval) => printable(approval.by)).join(', ')}`;
  return [
    `gate       ${state}: ${approvals.length} of ${required} approvals${by}`,
    ...(approvers === undefined ? [] : [`approvers  ${printable(describeApprovers(approvers))}`]),
    ...(notBefore === undefined
      ? []
      : [`not before ${notBefore}${heldUntil === undefined ? '' : ': approved, waits until then'}`]),
    ...(deadline === null ? [] : [`deadline   ${deadline}`]),
    ...(refusedCount === 0 ? [] : [`refused    ${refusedCount} messages had no effect, see gate.refused`]),
  ];
}

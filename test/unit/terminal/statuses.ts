import type { Gate } from '../../../src/contract/gate.js';
import type { Finding, Status } from '../../../src/contract/status.js';

/** The time at which the screens of the tests are drawn. */
export const NOW = Date.parse('2026-05-01T02:10:00.000Z');

/** A time some seconds before it. */
export const before = (seconds: number) => new Date(NOW - seconds * 1000).toISOString();

export const openGate: Gate = {
  ...{ state: 'open', required: 2, approvals: [], refused: [], refusedCount: 0, blockedBy: [] },
  deadline: before(-7500),
};

export function finding(
  code: Finding['code'],
  sequence: string | null,
  texts: Partial<Finding> = {},
): Finding {
  return {
    ...{ severity: 'block', code, sequence, count: 1 },
    message: `${sequence ?? 'something'} stands in the way`,
    remedy: 'psql "$STANDBY_URL" -c "SELECT 1"; then signal resynchronize',
    ...texts,
  } as Finding;
}

/** A failover that waits at its open gate. */
export function atGate(changes: Partial<Status> = {}): Status {
  return {
    ...{ workflowId: 'failover-orders', runId: 'r', firstRunId: 'r', pair: 'orders', mode: 'failover' },
    ...{ phase: 'awaiting-approval', startedAt: before(600), ticket: 'CHG-123', requestedBy: 'alice' },
    primary: server('primary.example'),
    standby: server('standby.example'),
    buffer: { policy: { preset: 'medium' }, calls: '10000' },
    counts: { total: 120, applied: 118, kept: 2, skipped: 0, failed: 0 },
    round: 1,
    findings: [],
    minimumHeadroom: { sequence: 'public.orders_id_seq', calls: '9000' },
    gate: openGate,
    checklist: [],
    verifiedAt: before(12),
    primaryReadAt: before(12),
    handoff: null,
    ending: null,
    ...changes,
  };
}

const server = (host: string) => ({
  ...{ host, port: 5432, database: 'shop', serverVersion: '17.4', systemIdentifier: '1' },
});

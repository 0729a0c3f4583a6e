import { bySeverity } from '../contract/finding-properties.js';
import type { Finding } from '../contract/status.js';
import { Acceptance } from '../findings/acceptance.js';
import type { Decision } from '../record/decisions.js';
import type { Step } from '../record/steps.js';
import type { FinalStatus } from './final-status.js';
import type { ReportedFinding } from './report.js';

/**
 * The findings of the final status, blocks first, each with the approvers who accepted it. If there is no final status, the findings come
 * from the steps.
 */
export function findingsOf(
  final: FinalStatus,
  steps: readonly Step[],
  decisions: readonly Decision[],
): ReportedFinding[] {
  const found = (final.status?.findings ?? findingsOfSteps(steps)) as readonly Finding[];
  const acceptances = (standing(final) ?? sent(decisions)).map(({ by, accept }) => ({
    by,
    acceptance: new Acceptance(accept),
  }));
  return [...found].sort(bySeverity).map((finding) => {
    const { severity, code, sequence, count, message, remedy } = finding;
    const approvers = acceptances.filter(({ acceptance }) => acceptance.coversShown(finding));
    return {
      ...{ severity, code, sequence, count, message, remedy },
      acceptedBy: [...new Set(approvers.map(({ by }) => by))],
    };
  });
}

interface Accepting {
  by: string;
  accept: string[];
}

/** The approvals of a run that count in the end: a new block, or a resynchronization, clears them. Null if there is no status of a run. */
function standing(final: FinalStatus): readonly Accepting[] | null {
  return final.kind === 'run' ? (final.status?.gate?.approvals ?? null) : null;
}

const sent = (decisions: readonly Decision[]): Accepting[] =>
  decisions.flatMap(({ by, effect, accept }) =>
    effect === 'refused' || by === null ? [] : [{ by, accept }],
  );

/** Each finding of the steps once, in its latest wording. */
function findingsOfSteps(steps: readonly Step[]): Finding[] {
  const findings = new Map<string, Finding>();
  for (const { result } of steps) {
    if (typeof result !== 'object' || result === null) continue;
    for (const finding of [listIn(result, 'findings'), listIn(result, 'replication')].flat())
      findings.set(`${finding.code} ${finding.sequence ?? finding.subject ?? ''}`, finding);
  }
  return [...findings.values()];
}

function listIn(result: object, key: string): Finding[] {
  const list = (result as Record<string, unknown>)[key];
  return Array.isArray(list) ? (list as Finding[]) : [];
}

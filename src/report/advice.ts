import type { Advice, ReportedFinding } from './report.js';

const CODES: ReadonlySet<string> = new Set(['NEAR_LIMIT', 'BUFFER_SUGGESTED']);

/** Sequences that are near their end, each with the ways out, and larger buffers where the measured rates suggest them. */
export function adviceOf(findings: readonly ReportedFinding[]): Advice[] {
  return findings
    .filter(({ code }) => CODES.has(code))
    .map(({ code, sequence, count, message, remedy }) => ({
      ...{ pair: null, code, sequence, count, message, remedy },
    }));
}

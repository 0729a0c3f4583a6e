import { type FindingCode, FINDINGS } from '../contract/findings.js';
import type { Finding } from '../contract/status.js';
import { pasteable } from '../sequences/identifier.js';

type Text = Omit<Finding, 'severity' | 'code'>;

/** A finding with the severity that the catalog has for its code. The SQL of its remedy can be pasted, see {@link pasteable}. */
export function makeFinding(code: FindingCode, text: Text): Finding {
  // The catalog guarantees that the code and the severity match.
  return { severity: FINDINGS[code].severity, code, ...text, remedy: pasteable(text.remedy) } as Finding;
}

/** A finding about the two servers as a whole, or about the run. */
export function pairFinding(code: FindingCode, message: string, remedy: string): Finding {
  return makeFinding(code, { sequence: null, count: 1, message, remedy });
}

/** A finding about one sequence. */
export function sequenceFinding(
  code: FindingCode,
  sequence: string,
  message: string,
  remedy: string,
): Finding {
  return makeFinding(code, { sequence, count: 1, message, remedy });
}

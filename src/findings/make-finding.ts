import { type FindingCode, FINDINGS } from '../contract/findings.js';
import type { Finding } from '../contract/status.js';

type Text = Omit<Finding, 'severity' | 'code'>;

/** A finding with the severity that its code has in the catalog. */
export function makeFinding(code: FindingCode, text: Text): Finding {
  // The catalog has the two together.
  return { severity: FINDINGS[code].severity, code, ...text } as Finding;
}

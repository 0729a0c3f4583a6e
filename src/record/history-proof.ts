import { createHash } from 'node:crypto';
import { canonicalJson } from './canonical-json.js';
import type { WorkflowHistory } from './source.js';

/** What identifies one history: docs/reference/report.md says how to compute the hash without this code. */
export interface HistoryProof {
  workflowId: string;
  runId: string;
  /** The number of its events. */
  events: number;
  /** SHA-256 of the canonical JSON of its events, in hexadecimal digits. */
  sha256: string;
}

export function proofOf({ workflowId, runId, events }: WorkflowHistory): HistoryProof {
  return { workflowId, runId, events: events.length, sha256: sha256(canonicalJson(events)) };
}

/** The hash of a text in UTF-8, in hexadecimal digits. */
function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

/** The hash of a text in UTF-8, in base64, as a content security policy has it. */
export function sha256Base64(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('base64');
}

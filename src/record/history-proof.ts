import { digestOf } from '../hash/sha256.js';
import type { WorkflowHistory } from './source.js';

/** The identity of one history: docs/reference/report.md says how to compute the hash without this code. */
export interface HistoryProof {
  workflowId: string;
  runId: string;
  /** The number of its events. */
  events: number;
  /** SHA-256 of the canonical JSON of its events, in hexadecimal digits. */
  sha256: string;
}

/** The number and the hash of the events of a history. */
export function proofOf({ workflowId, runId, events }: WorkflowHistory): HistoryProof {
  return { workflowId, runId, events: events.length, sha256: digestOf(events) };
}

import { shellQuoted } from '../contract/shell.js';
import { attributesOf, type EncodedPayload, firstPayload } from './history-json.js';
import { allHistories, type RunHistories } from './read-run.js';
import { hasUnreadableSteps } from './steps.js';
import type { WorkflowHistory } from './source.js';

/** The encoding of a worker that has ENCRYPTION_KEY, in base64. */
const ENCRYPTED = Buffer.from('binary/encrypted').toString('base64');

/** @throws Error if the payloads of a run, of its pages or of a fleet's members were encrypted, and not decoded */
export function assertDecrypted(histories: RunHistories): void {
  const encrypted = allHistories(histories).find(
    (history) => hasUnreadableSteps(history) || (isStartEncrypted(history) && !endsReadably(history)),
  );
  if (encrypted === undefined) return;
  throw new Error(
    `the payloads of ${encrypted.workflowId} are encrypted: set ENCRYPTION_KEY and DECRYPTION_KEYS as for the workers, and read the history from Temporal, ` +
      `or write the file again with: sequence-failover export ${shellQuoted(histories.workflowId)}`,
  );
}

interface Started {
  input: { payloads?: EncodedPayload[] };
}

/** A workflow that has just begun, and a fleet, may have no steps. */
function isStartEncrypted({ events: [first] }: WorkflowHistory): boolean {
  const started = first && attributesOf<Started>(first, 'workflowExecutionStarted');
  return started?.input?.payloads?.some(({ metadata }) => metadata?.['encoding'] === ENCRYPTED) ?? false;
}

interface Ended {
  result: { payloads?: EncodedPayload[] };
  failure: { applicationFailureInfo?: { details?: { payloads?: EncodedPayload[] } } };
}

/** A worker that could not decode its input says so in a failure that everybody can read. */
function endsReadably({ events }: WorkflowHistory): boolean {
  const last = events.at(-1);
  if (last === undefined) return false;
  const completed = attributesOf<Ended>(last, 'workflowExecutionCompleted')?.result;
  const failed = attributesOf<Ended>(last, 'workflowExecutionFailed')?.failure;
  return firstPayload(completed ?? failed?.applicationFailureInfo?.details) !== null;
}

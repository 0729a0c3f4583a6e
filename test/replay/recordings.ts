import path from 'node:path';

/** The committed histories, as `temporal workflow show --output json` writes them. */
export const folder = path.resolve(import.meta.dirname, 'histories');

/** How the workflow of a recording closed: the closing event, and of a failure its type. */
export interface Recording {
  workflowType: 'sequenceFailover' | 'synchronizePage' | 'pairLock';
  closed: 'COMPLETED' | 'FAILED' | 'CANCELED' | 'CONTINUED_AS_NEW';
  failure?: string;
}

/** One for every ending, and for what takes another way to it, by the name of its file. */
export const recordings = {
  planned: { workflowType: 'sequenceFailover', closed: 'COMPLETED' },
  verified: { workflowType: 'sequenceFailover', closed: 'COMPLETED' },
  synchronized: { workflowType: 'sequenceFailover', closed: 'COMPLETED' },
  'handed-off': { workflowType: 'sequenceFailover', closed: 'COMPLETED' },
  'handed-off-to-promotion': { workflowType: 'sequenceFailover', closed: 'COMPLETED' },
  'handed-off-after-top-up': { workflowType: 'sequenceFailover', closed: 'COMPLETED' },
  'handed-off-after-resynchronization': { workflowType: 'sequenceFailover', closed: 'COMPLETED' },
  'handed-off-without-primary': { workflowType: 'sequenceFailover', closed: 'COMPLETED' },
  'invalid-input': { workflowType: 'sequenceFailover', closed: 'FAILED', failure: 'InvalidInput' },
  'invalid-input-undecodable': {
    workflowType: 'sequenceFailover',
    closed: 'FAILED',
    failure: 'InvalidInput',
  },
  'unknown-pair': { workflowType: 'sequenceFailover', closed: 'FAILED', failure: 'InvalidInput' },
  'not-ready': { workflowType: 'sequenceFailover', closed: 'FAILED', failure: 'NotReady' },
  'not-ready-locked': { workflowType: 'sequenceFailover', closed: 'FAILED', failure: 'NotReady' },
  'not-ahead': { workflowType: 'sequenceFailover', closed: 'FAILED', failure: 'NotAhead' },
  rejected: { workflowType: 'sequenceFailover', closed: 'FAILED', failure: 'Rejected' },
  'approval-timed-out': { workflowType: 'sequenceFailover', closed: 'FAILED', failure: 'ApprovalTimedOut' },
  'handoff-failed': { workflowType: 'sequenceFailover', closed: 'FAILED', failure: 'HandoffFailed' },
  cancelled: { workflowType: 'sequenceFailover', closed: 'CANCELED' },
  'continued-as-new': { workflowType: 'sequenceFailover', closed: 'CONTINUED_AS_NEW' },
  'handed-off-after-continue-as-new': { workflowType: 'sequenceFailover', closed: 'COMPLETED' },
  'pages-as-children': { workflowType: 'sequenceFailover', closed: 'COMPLETED' },
  page: { workflowType: 'synchronizePage', closed: 'COMPLETED' },
  'lock-released': { workflowType: 'pairLock', closed: 'COMPLETED' },
} as const satisfies Record<string, Recording>;

export type RecordingName = keyof typeof recordings;
export const recordingNames = Object.keys(recordings) as RecordingName[];

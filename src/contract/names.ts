/** The names that clients, workflows and workers must agree on. Each stands here alone. */

/** Where workers listen and runs are started. */
export const TASK_QUEUE = 'sequence-failover';

/** Workflow types that are started from outside. */
export const WORKFLOW_TYPES = {
  run: 'sequenceFailover',
  fleet: 'fleetFailover',
  promotion: 'promoteStandby',
} as const;

/** Workflow types that only the product itself starts: their place in the history is public, their input is not. */
export const INTERNAL_WORKFLOW_TYPES = {
  page: 'synchronizePage',
  pairLock: 'pairLock',
} as const;

/** To a run and to a fleet: docs/reference/messages.md. */
export const SIGNALS = {
  approve: 'approve',
  reject: 'reject',
  resynchronize: 'resynchronize',
} as const;

export const UPDATES = { decide: 'decide' } as const;

export const QUERIES = {
  status: 'status',
  sequences: 'sequences',
  /** In the mode `plan`. */
  statements: 'statements',
  /** Of a fleet. */
  pairs: 'pairs',
} as const;

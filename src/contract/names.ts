/** The names that clients, workflows and workers must agree on. Each name is defined only here. */

/** The task queue that workers poll and runs are started on. */
export const TASK_QUEUE = 'sequence-failover';

/** The schema of the ledger: docs/reference/ledger.md. No run moves its sequences. The SQL of the ledger writes the name out. */
export const LEDGER_SCHEMA = 'sequence_failover';

/** Workflow types that clients start. */
export const WORKFLOW_TYPES = {
  run: 'sequenceFailover',
  fleet: 'fleetFailover',
  promotion: 'promoteStandby',
  promotionFleet: 'promoteFleet',
} as const;

/** Workflow types that only the product itself starts. Their names are public, because histories show them; their input is not. */
export const INTERNAL_WORKFLOW_TYPES = {
  page: 'synchronizePage',
  pairLock: 'pairLock',
  /** Delivers the notification of a run's end. */
  notification: 'notification',
} as const;

/** Signals to a run and to a fleet: docs/reference/messages.md. */
export const SIGNALS = {
  approve: 'approve',
  reject: 'reject',
  resynchronize: 'resynchronize',
} as const;

/** Updates of a run and of a fleet: docs/reference/messages.md. */
export const UPDATES = { decide: 'decide' } as const;

/** Queries of a run and of a fleet: docs/reference/messages.md. */
export const QUERIES = {
  status: 'status',
  sequences: 'sequences',
  /** Only in the mode `plan`. */
  statements: 'statements',
  /** Only a fleet of runs answers it. */
  pairs: 'pairs',
} as const;

/** Signals that the product's own workflows send each other. */
export const INTERNAL_SIGNALS = {
  /** To a page that has measured: it may continue now. */
  proceed: 'proceed',
  /** To the lock of a pair, by the run that holds it. */
  release: 'release',
  /** To a fleet, by the run of one of its pairs. */
  member: 'fleetMember',
  /** To a fleet of promotions, by the promotion of one of its pairs: its progress. */
  promotionMember: 'fleetPromotion',
  /** To a promotion, by its fleet: raise the fence. */
  fleetFence: 'fleetFence',
  /** To a promotion, by its fleet: check once more that nobody has written. */
  fleetConfirm: 'fleetConfirm',
  /** To a promotion, by its fleet: open the standby. A fleet that has sent it never sends `fleetUndo`. */
  fleetSwitch: 'fleetSwitch',
  /** To a promotion, by its fleet: the standbys of all pairs are open, as far as possible. */
  fleetForward: 'fleetForward',
  /** To a promotion, by its fleet: undo everything. */
  fleetUndo: 'fleetUndo',
} as const;

/** Queries that only the product itself asks. */
export const INTERNAL_QUERIES = {
  /** To a run and its pages: the records that a recheck compares with. */
  recorded: 'recorded',
} as const;

/** Keys of memos that workflows read again. A run's memo also has `pair`, `buffer` and `ticket`, for lists of runs. */
export const MEMO = {
  /** Of a run or a promotion: the workflow ID of the fleet that started it and gets its reports. */
  fleet: 'fleet',
  /** Of a run: true if the fleet that started it hands off to `promoteFleet`. */
  promoted: 'promoted',
  /** Of such a run: the roles in `except` of the fence. Absent if there are none. */
  fenceExcept: 'fenceExcept',
  /** Of such a run: what it checks for the promotion, `{fence: {kind, except}, failback}`. Earlier versions left it out. */
  promotion: 'promotion',
  /** Of a promotion that a fleet started after a handoff: the run of its pair that was approved, `{workflowId, runId}`. */
  approvedRun: 'approvedRun',
  /** Of a pair's lock: the run that holds it. */
  holder: 'holder',
  /** Of a pair's lock: true if the run that holds it is in the mode `sync`, which ends by itself. */
  passing: 'passing',
  /** Of a run without a gate: true if nobody is notified of its end, since whoever started it waits for it. */
  unnotified: 'unnotified',
  /** Of a run: the largest length of its history, in events, at least 50. */
  continueAsNewAfterEvents: 'continueAsNewAfterEvents',
} as const;

/** The project's own metrics. `/metrics` shows them next to the SDK's; it adds `_total` to the names of counters. */
export const METRICS = {
  sequences: {
    name: 'sequence_failover_sequences',
    unit: 'sequences',
    description: 'Sequences by outcome, over all rounds; labels pair, mode, outcome',
  },
  runs: {
    name: 'sequence_failover_runs',
    unit: 'runs',
    description: 'Runs that ended; labels pair, mode, outcome (or the type of the failure, or cancelled)',
  },
  headroom: {
    name: 'sequence_failover_minimum_headroom_calls',
    unit: 'calls',
    description:
      'Minimum headroom over all sequences, in calls of nextval, at the last recheck that this worker ran; 0 also if a sequence is behind; label pair',
  },
  headroomRead: {
    name: 'sequence_failover_headroom_read_timestamp_seconds',
    unit: 's',
    description: 'Time of that recheck, in seconds since 1970; label pair',
  },
  success: {
    name: 'sequence_failover_last_success_timestamp_seconds',
    unit: 's',
    description:
      'When a run last found, or set, every sequence of the pair ahead, as this worker saw it, in seconds since 1970; labels pair, mode (sync, verify or failover)',
  },
  phase: {
    name: 'sequence_failover_phase_duration_seconds',
    unit: 's',
    description: 'How long runs were in a phase; labels pair, mode, phase',
  },
} as const;

/** Upper bounds of the buckets in seconds: from one round of a small pair to an approval that takes days. */
export const PHASE_BUCKETS = [0.1, 0.5, 1, 2, 5, 10, 30, 60, 300, 900, 3_600, 14_400, 86_400, 604_800];

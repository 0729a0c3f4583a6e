/** The project's own metrics, as `/metrics` shows them besides the SDK's; counters end in `_total` there. */
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
      'Calls of nextval that the standby was ahead by where it is least, at the last look that this worker saw; 0 also when it was behind; label pair',
  },
  headroomRead: {
    name: 'sequence_failover_headroom_read_timestamp_seconds',
    unit: 's',
    description: 'When that was, in seconds since 1970; label pair',
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

/** Boundaries in seconds: from a small pair's round to an approval that takes days. */
export const PHASE_BUCKETS = [0.1, 0.5, 1, 2, 5, 10, 30, 60, 300, 900, 3_600, 14_400, 86_400, 604_800];

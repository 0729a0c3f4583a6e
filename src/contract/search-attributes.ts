/** The search attributes of runs: docs/reference/search-attributes.md. Each is a keyword. `sequence-failover setup` registers them. */
export const SEARCH_ATTRIBUTES = {
  pair: 'SequenceFailoverPair',
  mode: 'SequenceFailoverMode',
  phase: 'SequenceFailoverPhase',
  gate: 'SequenceFailoverGate',
  outcome: 'SequenceFailoverOutcome',
  ticket: 'SequenceFailoverTicket',
} as const;

export type Searchable = keyof typeof SEARCH_ATTRIBUTES;

export const SEARCHABLE = Object.keys(SEARCH_ATTRIBUTES) as Searchable[];

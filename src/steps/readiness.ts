/** What the steps that look at a pair as a whole are given, and what they answer. */
import type { BufferPolicy, Mode } from '../contract/input.js';
import type { Searchable } from '../contract/search-attributes.js';
import type { Finding, Server } from '../contract/status.js';
import type { LockHolder, PageRange, PairIdentity, Policy } from './identity.js';

export interface ReadinessInput {
  pair: string;
  mode: Mode;
  policy: Omit<Policy, 'buffer'> & { buffer: BufferPolicy | null };
  /** Set from the second round on: the servers must still be these. */
  expected: PairIdentity | null;
}

/** What the worker that answers a readiness check does besides. A failure of the check says it in its details. */
export interface WorkerSays {
  /** Present if the worker has a NOTIFY_URL. */
  notifies?: true;
  /** The search attributes that the run may set: those that the namespace has. Absent if there are none. */
  searchable?: Searchable[];
}

export interface ReadinessReport extends WorkerSays {
  identity: PairIdentity;
  primary: Server;
  standby: Server;
  /** The policy with the worker's default filled in. */
  buffer: BufferPolicy;
  /** The buffer in calls of nextval; null where each sequence's own is measured. */
  calls: string | null;
  /** SHOW max_connections on the primary: how many sessions may hold cached values. */
  primaryMaxConnections: number;
  total: number;
  pages: PageRange[];
  findings: Finding[];
  /** What the subscriptions say; a recheck and awaitReplication say it anew. */
  replication: Finding[];
  /** Absent where an older worker answered. */
  subscriptions?: SubscriptionNames;
}

/** The subscriptions of the standby's database, by name. */
export interface SubscriptionNames {
  present: string[];
  /** Those that receive from the primary. */
  toPrimary: string[];
  /** Of all that are present; absent where an older worker answered. */
  details?: SubscriptionDetail[];
}

/** A subscription is known by its slot, also under another name: what it had not received is there for it. */
export interface SubscriptionDetail {
  name: string;
  slot: string | null;
  publications: string[];
}

/** With the primary lost: what checkReadiness is asked with a primary. */
export type LostPrimaryInput = ReadinessInput;

export interface LockInput {
  pair: string;
  holder: LockHolder;
}

export interface HandoffCheckInput {
  taskQueue: string;
  /** Of the promotion; absent where an older worker began the run. */
  workflowId?: string;
  /** That of `hooks.beforeHandoff`. If there is no promotion, `taskQueue` is the same. */
  hookTaskQueue?: string;
}

export interface DatabasesInput {
  /** A pair whose servers are listed. */
  pair: string;
  /** Patterns of database names, as those of sequences. */
  databases: string[];
  except: string[];
}

export interface DatabasesReport {
  /** The name of each database's pair, in the order of their names. */
  pairs: string[];
  /** What is on one side only, or matched nothing. */
  findings: Finding[];
}

export interface AwaitReplicationInput {
  identity: PairIdentity;
  /** The primary is gone, and the approver accepted that: there is nothing left to wait for. */
  withoutPrimary: boolean;
  /** How long the standby may take; absent, also from an older worker: 30 seconds. */
  timeoutMs?: number;
}

export interface AwaitReplicationReport {
  /** The primary's WAL position that the subscriptions confirmed, or did not in time; null without a subscription. */
  lsn: string | null;
  findings: Finding[];
  /** Absent where an older worker answered. */
  subscriptions?: SubscriptionNames;
}

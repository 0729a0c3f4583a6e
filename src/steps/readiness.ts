/** Inputs and results of the steps that read a pair as a whole. */
import type { BufferPolicy, Mode } from '../contract/input.js';
import type { OperatorQueue, PromotionAhead } from '../contract/promotion-input.js';
import type { Searchable } from '../contract/search-attributes.js';
import type { Finding, Server } from '../contract/status.js';
import type { LockHolder, PageRange, PairIdentity, Policy } from './identity.js';
import type { Decoded } from './subscriptions.js';

export interface ReadinessInput {
  pair: string;
  mode: Mode;
  policy: Omit<Policy, 'buffer'> & { buffer: BufferPolicy | null };
  /** Set from the second round on: the servers must be the same as in the first. */
  expected: PairIdentity | null;
  /** The roles in `except` of the fence, if the run, or its fleet, hands off to a promotion. Absent if there are none. */
  fenceExcept?: string[];
  /** If the run, or its fleet, hands off to a promotion: the check looks for what the promotion would refuse. Absent from earlier versions. */
  promotion?: PromotionAhead;
}

/** The settings of the worker that answers a readiness check. If the check fails, its failure has them in its details. */
export interface WorkerSettings {
  /** Present if the worker has a NOTIFY_URL. */
  notifies?: true;
  /** The search attributes that the namespace has, so that the run may set them. Absent if there are none. */
  searchable?: Searchable[];
}

export interface ReadinessReport extends WorkerSettings {
  identity: PairIdentity;
  primary: Server;
  standby: Server;
  /** The policy of the input, or the worker's default. */
  buffer: BufferPolicy;
  /** The buffer in calls of nextval; null if each sequence has its own measured buffer. */
  calls: string | null;
  /** SHOW max_connections on the primary: the largest number of sessions that may hold cached values. */
  primaryMaxConnections: number;
  total: number;
  pages: PageRange[];
  findings: Finding[];
  /** Findings about the subscriptions. Later rechecks and awaitReplication replace them. */
  replication: Finding[];
  /** Absent if an older worker answered. */
  subscriptions?: SubscriptionNames;
  /** Absent if they could not be read, and if an older worker answered. */
  tables?: TablesState;
  /** When each server was started, which tells copies of a server's files apart. Absent if an older worker answered. */
  startedAt?: { primary: string; standby: string };
  /** The address and port on which each server accepts connections; null for a Unix socket. Absent if an older worker answered. */
  acceptedAt?: { primary: string | null; standby: string | null };
}

/** A promotion compares it, to notice that the tables of a side have changed. */
export interface TablesState {
  /** A digest of what the publications publish, and of the primary's tables that have rows and are not published. */
  published: string;
  /** A digest of the tables that the standby's subscriptions receive. */
  received: string;
  /** The publications that the standby subscribes to. */
  publications: string[];
}

/** The subscriptions of the standby's database, by name. */
export interface SubscriptionNames {
  present: string[];
  /** The subscriptions that receive from the primary. */
  toPrimary: string[];
  /** Details of all that are present; absent if an older worker answered. */
  details?: SubscriptionDetail[];
}

/** A subscription is identified by its slot, since it may be renamed. The slot keeps what the subscription has not received yet. */
export interface SubscriptionDetail {
  name: string;
  slot: string | null;
  publications: readonly string[];
  /** Of pg_subscription. In a run's memory it is that of the first reading. Absent if it is not known, and from older workers. */
  oid?: string;
  /** How many tables it receives without ever having copied them. Absent for none. */
  notCopied?: number;
  /** In a run's memory: the slot at the first reading that had one. */
  firstSlot?: string;
  /** Of its slot. In a run's memory: the last reading before the slot was created anew. Absent if it is not known. */
  decoded?: Decoded;
  /** In a run's memory: the slot was dropped and created anew under its name. */
  isSlotNew?: true;
}

/** The input of the readiness check if the primary is lost. */
export type LostPrimaryInput = ReadinessInput;

export interface LockInput {
  pair: string;
  holder: LockHolder;
  /** The holder is a run in the mode `sync`, which ends by itself. */
  passing?: true;
  /** What to do while such a run has the lock. Absent: the step fails at once, as it does while any other run has it. */
  ifPassing?: 'wait' | 'cancel';
}

export interface HandoffCheckInput {
  /** The task queue of the promotion, or of the workflows that `operators` names. Absent if a fleet hands off, and for `ahead` alone. */
  taskQueue?: string;
  /** The workflow ID of the promotion; absent without a promotion, and if an older worker began the run. */
  workflowId?: string;
  /** The task queue of `hooks.beforeHandoff`. If there is no promotion, `taskQueue` is the same. */
  hookTaskQueue?: string;
  /** Of a promotion: the fields of its input, such as `fence`, whose workflows start on this task queue. Then nothing else starts there. */
  operators?: string[];
  /** Of a run that leads to a promotion: the task queues of the operators' workflows that the promotion runs. Absent if it has none. */
  ahead?: OperatorQueue[];
}

export interface DatabasesInput {
  /** A pair whose servers' databases are listed. */
  pair: string;
  /** Patterns for names of databases, with the syntax of those for sequences. */
  databases: string[];
  except: string[];
}

export interface DatabasesReport {
  /** The name of the pair for each database, in the order of the databases' names. */
  pairs: string[];
  /** Databases that exist on one side only, and patterns that matched nothing. */
  findings: Finding[];
}

export interface AwaitReplicationInput {
  identity: PairIdentity;
  /** The primary is lost, and the approver accepted that: then there is nothing to wait for. */
  withoutPrimary: boolean;
  /** How long the standby may take; absent, also if an older worker began the step: 30 seconds. */
  timeoutMs?: number;
  /** The run, or its fleet, hands off to a promotion, which refuses a standby without an enabled subscription. Absent from earlier versions. */
  leadsToPromotion?: true;
}

export interface AwaitReplicationReport {
  /** The primary's WAL position that the subscriptions confirmed, or failed to confirm in time; null without a subscription. */
  lsn: string | null;
  findings: Finding[];
  /** Absent if an older worker answered. */
  subscriptions?: SubscriptionNames;
}

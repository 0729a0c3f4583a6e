/** Facts about the subscriptions of a standby and the publications of its primary, as they were read from the servers. */

/** A subscription of a database. */
export interface Subscription {
  name: string;
  enabled: boolean;
  /** The slot at the publisher; null after `SET (slot_name = NONE)`. */
  slot: string | null;
  publications: readonly string[];
  /** Of pg_subscription, as text: it changes if the subscription is created again. Null if it is not known. */
  oid: string | null;
  /** The number of tables that it replicates. */
  tables: number;
  /** How many of them are ready, and were never copied: it was created, or refreshed, with `copy_data = false`. */
  notCopied: number;
  /** Only tables, no sequences. */
  notReady: {
    count: number;
    /** At most 501 of them, ordered by name. An acceptance covers exactly these tables. */
    tables: readonly {
      /** As `schema.table`, quoted where needed. */
      table: string;
      /** pg_subscription_rel.srsubstate: i initialize, d copying, f copied, s synchronized. */
      state: string;
    }[];
  };
  /** From PostgreSQL 19 on a subscription can carry sequences: a REFRESH SEQUENCES sets them to the publisher's values. */
  sequences: {
    count: number;
    /** The sequences that it has yet to set. It retries until it succeeds. */
    pending: {
      count: number;
      /** At most 20 of them, ordered by name, as `schema.sequence`, quoted where needed. */
      names: readonly string[];
    };
  };
  /** The process that applies changes; null if none runs now. */
  worker: { pid: number; receivedLsn: string | null } | null;
}

/** A subscription that has just received a message. */
export interface ReceivingSubscription {
  /** Its name, quoted where needed. */
  subscription: string;
  secondsAgo: number;
}

/** How far a subscription's slot is behind its publisher. */
export interface ReplicationLag {
  slot: string;
  /** False if the publisher has no such slot. */
  exists: boolean;
  /** Whether a subscriber is connected to it. */
  active: boolean;
  /** The subscriber has stored everything before this position durably; null if it has never confirmed, or without a slot. */
  confirmedFlushLsn: string | null;
  /** WAL of the whole server, including other databases, from there to now; at least 0. */
  bytes: bigint | null;
  /** Seconds between a recent commit and its application; null if the stream is idle, or if the role may not see it (pg_monitor may). */
  seconds: number | null;
  /** Absent before PostgreSQL 14, and without a slot. */
  decoded?: Decoded;
}

/** How many transactions a server has decoded for a slot: pg_stat_replication_slots. A slot that is created anew begins at 0. */
export interface Decoded {
  transactions: string;
  /** When the statistics of the slot, and those of the server, were reset; the latter also happens at a crash. Two numbers can be compared only if this is the same. */
  since: string;
}

/** A publication that publishes sequences. */
export interface SequencePublication {
  name: string;
  /** Whether it is also FOR ALL TABLES. */
  allTables: boolean;
  /** The tables that it leaves out (EXCEPT), as `schema.table`, quoted where needed. */
  except: readonly string[];
}

/** The state of a subscription that carries sequences at one moment. */
export interface SequenceSynchronization {
  /** The oid of the subscription. */
  subscription: string;
  name: string;
  enabled: boolean;
  /** A value that changes whenever the subscription has set a sequence, or has to set one again. */
  fingerprint: string;
  pendingCount: number;
  /** At most 20 of the sequences that it has yet to set, as `schema.sequence`, quoted where needed. */
  pendingNames: readonly string[];
  /** Whether the worker that sets them runs now. */
  working: boolean;
  /** How often that worker has failed so far; null if the server does not show it. */
  failures: bigint | null;
}

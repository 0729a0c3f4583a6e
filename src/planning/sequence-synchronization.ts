import type { Finding } from '../contract/status.js';

/** What a subscription that carries sequences does to those of the standby at one moment. */
export interface SynchronizationState {
  /** Its oid. */
  subscription: string;
  name: string;
  enabled: boolean;
  /** Changes whenever a sequence was set by the subscription, or is to be set. */
  fingerprint: string;
  pendingCount: number;
  pendingNames: readonly string[];
  /** Whether the worker that sets them runs now. */
  working: boolean;
  /** How often that worker has failed so far; null where the server does not say. */
  failures: bigint | null;
}

/**
 * A worker that sets sequences begins with the list of all that are pending, goes through all of it, and fails at the end when it could not
 * set some. Of two that have failed since a list was seen, the second began with that list: what is still pending could not be set.
 */
const FAILURES_THAT_TELL = 2n;

/**
 * Tells from one look after the other whether subscriptions are setting sequences of the standby, or are about to. A sequence that
 * cannot be set, for instance since its definition differs, is pending for ever and is no reason to wait.
 */
export class SynchronizationWatch {
  /** By subscription: since which number of failures its fingerprint is what it is. */
  private readonly since = new Map<string, { fingerprint: string; failures: bigint | null }>();

  /** @returns those that are setting sequences now, or are about to */
  see(now: readonly SynchronizationState[]): SynchronizationState[] {
    for (const { subscription, fingerprint, failures } of now) {
      if (this.since.get(subscription)?.fingerprint !== fingerprint)
        this.since.set(subscription, { fingerprint, failures });
    }
    return now.filter((one) => one.working || (one.enabled && one.pendingCount > 0 && !this.cannot(one)));
  }

  private cannot({ subscription, failures }: SynchronizationState): boolean {
    const first = this.since.get(subscription)?.failures ?? null;
    return first !== null && failures !== null && failures - first >= FAILURES_THAT_TELL;
  }
}

/** Whether a subscription has set sequences between two looks, or was told to, or carries others. */
export function haveMoved(
  before: readonly SynchronizationState[],
  after: readonly SynchronizationState[],
): SynchronizationState[] {
  const known = new Map(before.map(({ subscription, fingerprint }) => [subscription, fingerprint]));
  return after.filter(({ subscription, fingerprint }) => known.get(subscription) !== fingerprint);
}

/** The sequences cannot be verified while a subscription sets them. */
export function sequencesRefreshing({ name, pendingCount, pendingNames }: SynchronizationState): Finding {
  const pending =
    pendingCount === 0
      ? ''
      : `; still to be set: ${pendingNames.slice(0, 5).join(', ')}${pendingCount > 5 ? ` and ${pendingCount - 5} more` : ''}`;
  return {
    severity: 'block',
    code: 'SEQUENCES_REFRESHING',
    sequence: null,
    count: 1,
    message: `the subscription ${name} is setting sequences on the standby to the primary's values, behind what this run has set${pending}`,
    remedy:
      'wait a moment and approve again; where it goes on for longer, take the sequences out of the subscription first, as SEQUENCES_SUBSCRIBED says',
    subject: name,
  };
}

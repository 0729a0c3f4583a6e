import { pairFinding } from '../../findings/make-finding.js';
import { listFirst } from '../../contract/list-first.js';
import type { Finding } from '../../contract/status.js';
import type { SequenceSynchronization } from '../../steps/subscriptions.js';
import { freeWorker } from './subscribed-sequences.js';

/**
 * A synchronization worker takes the list of all pending sequences, tries each, and fails at the end if it could not set some of them. So
 * after two failures since a reading, the second worker has tried that whole list, and what is still pending cannot be set.
 */
const FAILURES_THAT_TELL = 2n;

/**
 * Decides, from one reading to the next, whether subscriptions are setting sequences of the standby or are about to. A sequence that
 * cannot be set, for example because its definition differs, stays pending and is no reason to wait.
 */
export class SynchronizationWatch {
  /** For each subscription: the number of failures at which its present fingerprint was first seen. */
  private readonly since = new Map<string, { fingerprint: string; failures: bigint | null }>();

  /** @returns the subscriptions that are setting sequences now or are about to */
  see(now: readonly SequenceSynchronization[]): SequenceSynchronization[] {
    for (const { subscription, fingerprint, failures } of now) {
      if (this.since.get(subscription)?.fingerprint !== fingerprint)
        this.since.set(subscription, { fingerprint, failures });
    }
    return now.filter((one) => one.working || (one.enabled && one.pendingCount > 0 && !this.cannot(one)));
  }

  private cannot({ subscription, failures }: SequenceSynchronization): boolean {
    const first = this.since.get(subscription)?.failures ?? null;
    return first !== null && failures !== null && failures - first >= FAILURES_THAT_TELL;
  }
}

/** Whether between two readings a subscription has set sequences, was refreshed, or carries different sequences. */
export function haveMoved(
  before: readonly SequenceSynchronization[],
  after: readonly SequenceSynchronization[],
): SequenceSynchronization[] {
  const known = new Map(before.map(({ subscription, fingerprint }) => [subscription, fingerprint]));
  return after.filter(({ subscription, fingerprint }) => known.get(subscription) !== fingerprint);
}

/** The sequences cannot be verified while a subscription sets them. */
export function sequencesRefreshing({ name, pendingCount, pendingNames }: SequenceSynchronization): Finding {
  const pending = pendingCount === 0 ? '' : `; still to be set: ${listFirst(pendingNames, 5, pendingCount)}`;
  return {
    ...pairFinding(
      'SEQUENCES_REFRESHING',
      `the subscription ${name} is setting sequences on the standby to the primary's values, lower than what this run has set${pending}`,
      `wait for the next recheck and approve again; if its worker waits for a lock, ${freeWorker(name)}; if it continues, take the sequences out of the subscription, as SEQUENCES_SUBSCRIBED says`,
    ),
    subject: name,
  };
}

/** The number of names to accept that are read in one workflow task: about a tenth of a second of work. */
const NAMES_AT_ONCE = 20_000;

/** The number of messages to a fleet that are read in one workflow task. Each may have to check a thousand pairs. */
const FLEET_MESSAGES_AT_ONCE = 500;

/**
 * Bounds the work for the messages of one workflow task. Only lists of names take more than microseconds. A rejection has none, so it is
 * always read.
 */
export class MessageBudget {
  private spent = 0;
  private read = 0;

  /** @returns why the message is not read; null if it is read */
  spend([argument]: readonly unknown[]): string | null {
    for (const field of ['accept', 'pairs', 'ignoreRows', 'raisePastRows'])
      this.spent += listed(argument, field);
    return this.spent <= NAMES_AT_ONCE
      ? null
      : 'too many messages with long lists of names came at the same time; send it again';
  }

  /** Like {@link spend}, for a message to a fleet. A rejection of all pairs is always read. */
  spendOnFleet(kind: string, args: readonly unknown[]): string | null {
    const refusal = this.spend(args);
    if (refusal !== null || kind === 'reject') return refusal;
    this.read += 1;
    return this.read <= FLEET_MESSAGES_AT_ONCE
      ? null
      : 'too many messages came at the same time; send it again';
  }

  renew(): void {
    this.spent = 0;
    this.read = 0;
  }
}

/** Never throws. */
function listed(argument: unknown, field: string): number {
  if (typeof argument !== 'object' || argument === null) return 0;
  const list = (argument as Record<string, unknown>)[field];
  return Array.isArray(list) ? list.length : 0;
}

/** Names to accept that are read in one workflow task: a tenth of a second's work. */
const NAMES_AT_ONCE = 20_000;

/**
 * Bounds the work that the messages of one workflow task cause: reading lists of names is all that takes more than
 * microseconds. A rejection has none, so it is always read.
 */
export class MessageBudget {
  private spent = 0;

  /** @returns why the message is not read; null when it is */
  spend([argument]: readonly unknown[]): string | null {
    this.spent += listed(argument, 'accept') + listed(argument, 'pairs');
    return this.spent <= NAMES_AT_ONCE
      ? null
      : 'too many messages with long lists of names came at the same time; send it again';
  }

  renew(): void {
    this.spent = 0;
  }
}

/** Never throws. */
function listed(argument: unknown, field: string): number {
  if (typeof argument !== 'object' || argument === null) return 0;
  const list = (argument as Record<string, unknown>)[field];
  return Array.isArray(list) ? list.length : 0;
}

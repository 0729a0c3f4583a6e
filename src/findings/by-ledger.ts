/** Follows "on the primary" in a message that rests on what the ledger has of a primary that cannot be asked. */
export const BY_LEDGER = ' (as the ledger last recorded it)';

/** The message as if the primary itself had been read. */
export function withoutLedger(message: string): string {
  return message.replaceAll(BY_LEDGER, '');
}

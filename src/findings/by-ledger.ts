/** In a message about a primary that cannot be asked: what it says of the primary is what the ledger last recorded. */
export const BY_LEDGER = ' (as the ledger last recorded it)';

/** The message as if the primary itself had been read. */
export function withoutLedger(message: string): string {
  return message.replaceAll(BY_LEDGER, '');
}

import { text } from './parsing/fields.js';
import { looksLikeConnectionString } from './parsing/text.js';

export const pair = text({ what: 'the name of a pair that the worker knows', max: 200 }).refine(
  (name) => !looksLikeConnectionString(name),
  { error: 'the name of a pair that the worker knows, never a connection string' },
);

/** Before the name of a pair: the same two databases with their roles exchanged. */
export const REVERSED = 'reversed:';

/** `reversed:orders` for `orders`, and the other way round. */
export function reversedName(name: string): string {
  return name.startsWith(REVERSED) ? name.slice(REVERSED.length) : `${REVERSED}${name}`;
}

import { cutBytes } from '../src/contract/parsing/text.js';

/** In bytes of UTF-8: the server's limit for a summary (`limit.userMetadataSummarySize`), beyond which it refuses the whole command. */
const LONGEST_SUMMARY = 400;

/** A text for people on a step of the history, as long as Temporal takes it. */
export function summary(text: string): string {
  return cutBytes(text, LONGEST_SUMMARY);
}

import { cutBytes } from '../src/contract/parsing/text.js';

/** The server's limit for a summary (`limit.userMetadataSummarySize`), in bytes of UTF-8. It refuses a command with a longer one. */
const LONGEST_SUMMARY = 400;

/** A text for people on a step of the history, cut to the length that Temporal takes. */
export function summary(text: string): string {
  return cutBytes(text, LONGEST_SUMMARY);
}

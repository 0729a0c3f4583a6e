import { digest } from './digest.js';
import { cutBytes, utf8Bytes } from '../contract/parsing/text.js';

/** The server's default limit for IDs (`limit.maxIDLength`), in bytes of UTF-8. */
const LONGEST_ID = 1000;

/**
 * The ID of a workflow that another one starts: `<parent>/<suffix>`. If that is too long for Temporal, a digest replaces the end of the
 * parent's ID, so that the IDs for two parents still differ.
 *
 * @param suffix at most 900 bytes
 */
export function childId(parent: string, suffix: string): string {
  const plain = `${parent}/${suffix}`;
  if (utf8Bytes(plain) <= LONGEST_ID) return plain;
  const rest = `~${digest(parent)}/${suffix}`;
  return `${cutBytes(parent, LONGEST_ID - utf8Bytes(rest))}${rest}`;
}

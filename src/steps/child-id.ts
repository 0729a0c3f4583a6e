import { digest } from './digest.js';
import { cutBytes, utf8Bytes } from '../contract/parsing/text.js';

/** In bytes of UTF-8: the server's default limit for IDs (`limit.maxIDLength`). */
const LONGEST_ID = 1000;

/**
 * The ID of a workflow that another one starts: `<parent>/<suffix>`. Where that is too long for Temporal, the end of the
 * parent's ID gives way to a digest of it, so that those of two parents still differ.
 *
 * @param suffix at most 900 bytes
 */
export function childId(parent: string, suffix: string): string {
  const plain = `${parent}/${suffix}`;
  if (utf8Bytes(plain) <= LONGEST_ID) return plain;
  const rest = `~${digest(parent)}/${suffix}`;
  return `${cutBytes(parent, LONGEST_ID - utf8Bytes(rest))}${rest}`;
}

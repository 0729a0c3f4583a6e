import { createHash } from 'node:crypto';
import { canonicalJson } from './canonical-json.js';

/** The SHA-256 of a value: of its canonical JSON in UTF-8, in hexadecimal digits. */
export function digestOf(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value), 'utf8').digest('hex');
}

/** The hash of a text in UTF-8, in base64, as a content security policy has it. */
export function sha256Base64(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('base64');
}

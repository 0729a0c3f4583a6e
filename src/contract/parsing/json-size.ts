import { utf8Bytes } from './text.js';

/** Bytes of `value` as JSON in UTF-8, in which Temporal measures payloads: a control character takes six of them. */
export function jsonBytes(value: object | string): number {
  return utf8Bytes(JSON.stringify(value));
}

/** As much of the beginning of `text` as takes at most `max` (10 or more) bytes as a JSON string; the last character `…` when it was cut. */
export function cutJson(text: string, max: number): string {
  if (6 * text.length + 2 <= max || jsonBytes(text) <= max) return text;
  let bytes = 2 + utf8Bytes('…');
  let kept = '';
  for (const character of text) {
    bytes += jsonBytes(character) - 2;
    if (bytes > max) break;
    kept += character;
  }
  return `${kept}…`;
}

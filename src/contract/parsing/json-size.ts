import { utf8Bytes } from './text.js';

/** The bytes of `value` as JSON in UTF-8, as Temporal measures payloads. A control character takes six bytes. */
export function jsonBytes(value: object | string): number {
  return utf8Bytes(JSON.stringify(value));
}

/** The beginning of `text` that takes at most `max` (10 or more) bytes as a JSON string. If it was cut, it ends with `…`. */
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

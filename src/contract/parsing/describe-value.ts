import { cut, looksLikeConnectionString } from './text.js';

const LONGEST = 100;

/** Describes a value for a message: at most 100 code points, well-formed, without control characters and secrets. */
export function describeValue(value: unknown): string {
  try {
    return describe(value);
  } catch {
    return 'a value that cannot be read';
  }
}

/** A text from outside in double quotes. Control characters and those that change the direction of text are escaped. */
export function quoted(text: string, max: number): string {
  if (looksLikeConnectionString(text)) return 'a text that looks like a connection string (not shown)';
  // Cut before escaping, to save time on a large text, and after it, because escaping makes the text longer.
  return cut(escape(JSON.stringify(cut(text, max))), max);
}

function describe(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return quoted(value, LONGEST);
    case 'undefined':
      return 'nothing';
    case 'number':
    case 'boolean':
    case 'bigint':
      return cut(String(value), LONGEST);
    case 'function':
    case 'symbol':
      return `a ${typeof value}`;
    case 'object':
      return value === null ? 'null' : describeObject(value);
  }
}

function describeObject(value: object): string {
  if (ArrayBuffer.isView(value) || Object.prototype.toString.call(value) === '[object ArrayBuffer]') {
    return 'binary data';
  }
  const json = JSON.stringify(value) as string | undefined;
  if (json === undefined) return 'an object';
  if (looksLikeConnectionString(json)) {
    return `${Array.isArray(value) ? 'an array' : 'an object'} with what looks like a connection string (not shown)`;
  }
  return cut(escape(cut(json, LONGEST)), LONGEST);
}

function escape(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

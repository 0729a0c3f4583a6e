const LINE_BREAKS = '\t\n\r';

/** The number of code points in `text`: about the number of characters that a person counts. */
export function characters(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; count++) at += codeUnits(text, at);
  return count;
}

/** The bytes of `text` in UTF-8, as Temporal measures IDs and names. A lone surrogate counts as U+FFFD. */
export function utf8Bytes(text: string): number {
  let bytes = 0;
  for (let at = 0; at < text.length; at += codeUnits(text, at)) {
    const point = text.codePointAt(at) ?? 0;
    bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
  }
  return bytes;
}

/**
 * `text` with U+FFFD instead of every lone surrogate. A raw string of a protobuf message, such as a failure's message, has to
 * be well-formed. Otherwise the encoder may refuse it, or write bytes that no decoder accepts.
 */
export function wellFormed(text: string): string {
  return text.toWellFormed();
}

/** At most `max` (1 or more) code points of `text`, well-formed. If it was cut, it ends with `…`. */
export function cut(text: string, max: number): string {
  // A code point has at most two code units, so this slice is long enough.
  const points = Array.from(text.slice(0, 2 * (max + 1)));
  const short = points.length > max ? `${points.slice(0, max - 1).join('')}…` : text;
  return wellFormed(short);
}

/** The beginning of `text` that fits into `max` bytes of UTF-8; well-formed. */
export function cutBytes(text: string, max: number): string {
  let bytes = 0;
  let at = 0;
  while (at < text.length) {
    const units = codeUnits(text, at);
    bytes += utf8Bytes(text.slice(at, at + units));
    if (bytes > max) break;
    at += units;
  }
  return wellFormed(text.slice(0, at));
}

/** Whether two names belong to one person: they look the same, or differ at most in case and in Unicode's compatible forms of a letter. */
export function isSamePerson(a: string, b: string): boolean {
  return a === b || folded(a) === folded(b);
}

/**
 * A name without regard to case, to Unicode's compatible forms of a letter, to characters that do not show, and to the width of spaces. Converts to
 * upper case first, because then ß equals ss, and σ equals ς.
 */
export function folded(name: string): string {
  const shown = name.normalize('NFKC').replace(/\p{Default_Ignorable_Code_Point}|\p{Cf}/gu, '');
  return shown.replace(/\s+/gu, ' ').trim().toUpperCase().toLowerCase().normalize('NFKC');
}

/** Whether `text` has a control character (Unicode's Cc: U+0000 to U+001F and U+007F to U+009F). */
export function hasControl(text: string, allow: 'none' | 'line breaks' = 'none'): boolean {
  for (const [control] of text.matchAll(/\p{Cc}/gu)) {
    if (allow === 'none' || !LINE_BREAKS.includes(control)) return true;
  }
  return false;
}

/** Whether `text` may contain a connection string or a password, which no message may repeat. */
export function looksLikeConnectionString(text: string): boolean {
  return /postgres(?:ql)?:|:\/\/[^/\s]*@|passw(?:or)?d["'\\\s]*[=:]/i.test(text);
}

function codeUnits(text: string, at: number): 1 | 2 {
  return (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
}

/** A sentence without its final punctuation, as a part of a longer sentence. */
export function withoutEnd(sentence: string): string {
  return sentence.replace(/[.;\s]+$/u, '');
}

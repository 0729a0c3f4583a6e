const LINE_BREAKS = '\t\n\r';

/** Code points in `text`: what a person counts as characters, give or take combining ones. */
export function characters(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; count++) at += codeUnits(text, at);
  return count;
}

/** Bytes of `text` in UTF-8, in which Temporal measures IDs and names. A lone surrogate counts as U+FFFD. */
export function utf8Bytes(text: string): number {
  let bytes = 0;
  for (let at = 0; at < text.length; at += codeUnits(text, at)) {
    const point = text.codePointAt(at) ?? 0;
    bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
  }
  return bytes;
}

/**
 * `text` with U+FFFD for every lone surrogate. A raw string of a protobuf message, such as a failure's message, has to
 * be well-formed: what encodes it may refuse anything else, or write bytes that no reader accepts.
 */
export function wellFormed(text: string): string {
  return text.toWellFormed();
}

/** At most `max` (1 or more) code points of `text`, the last of them `…` when something was cut off; well-formed. */
export function cut(text: string, max: number): string {
  // A code point has at most two code units, so more of them than this cannot matter.
  const points = Array.from(text.slice(0, 2 * (max + 1)));
  const short = points.length > max ? `${points.slice(0, max - 1).join('')}…` : text;
  return wellFormed(short);
}

/** As much of the beginning of `text` as fits into `max` bytes of UTF-8; well-formed. */
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

/** Whether two names are of one person: they differ in nothing but case, or in how their letters are composed. */
export function isSamePerson(a: string, b: string): boolean {
  return a === b || folded(a) === folded(b);
}

/** By way of upper case, in which ß and ss, or σ and ς, are the same. */
function folded(name: string): string {
  return name.normalize('NFC').toUpperCase().toLowerCase().normalize('NFC');
}

/** Whether `text` has a control character (Unicode's Cc: U+0000 to U+001F and U+007F to U+009F). */
export function hasControl(text: string, allow: 'none' | 'line breaks' = 'none'): boolean {
  for (const [control] of text.matchAll(/\p{Cc}/gu)) {
    if (allow === 'none' || !LINE_BREAKS.includes(control)) return true;
  }
  return false;
}

/** Whether `text` looks as if it held a way to log in to a database, which no message may repeat. */
export function looksLikeConnectionString(text: string): boolean {
  return /postgres(?:ql)?:|:\/\/[^/\s]*@|passw(?:or)?d["'\\\s]*[=:]/i.test(text);
}

function codeUnits(text: string, at: number): 1 | 2 {
  return (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
}

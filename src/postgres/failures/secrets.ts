const hidden = '***';

/**
 * Removes credentials from a text: whole PostgreSQL connection strings, the `user:password@` of any other URL,
 * the value of `password=` and its like, and the given secrets in every spelling that a URL, JSON or SQL may give them.
 */
export function scrub(text: string, secrets: Iterable<string> = []): string {
  let scrubbed = text;
  // Longest first, since one secret can be part of another.
  for (const secret of [...secrets].sort((a, b) => b.length - a.length)) {
    if (secret !== '') scrubbed = scrubbed.replace(spellings(secret), hidden);
  }
  return (
    scrubbed
      .replace(/\b(postgres(?:ql)?):\/\/[^\s'"<>]*/gi, `$1://${hidden}`)
      // Greedy to the last @, since a password may hold one.
      .replace(/\b([a-z][a-z0-9+.-]*:\/\/)[^\s'"<>]*@/gi, `$1${hidden}@`)
      .replace(
        /(pass(?:word|wd|phrase)?|pwd)(["']?\s*=\s*)('(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.)*"|[^\s,;&)}\]]+)/gi,
        `$1$2${hidden}`,
      )
      .replace(
        /(pass(?:word|wd|phrase)?|pwd)(["']?\s*:\s*|\s+)('(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.)*")/gi,
        `$1$2${hidden}`,
      )
  );
}

/**
 * Scrubs an error in place, so that it keeps its class, code and fields: all its texts (message, stack, and PostgreSQL's detail, hint,
 * where and query), its causes, and the errors of an AggregateError.
 *
 * @returns the error; a text that was thrown is returned scrubbed
 */
export function scrubError(error: unknown, secrets: Iterable<string> = []): unknown {
  if (typeof error === 'string') return scrub(error, secrets);
  scrubObject(error, [...secrets], new Set());
  return error;
}

function scrubObject(value: unknown, secrets: readonly string[], seen: Set<unknown>): void {
  if (typeof value !== 'object' || value === null || seen.has(value)) return;
  seen.add(value);
  for (const key of Object.getOwnPropertyNames(value)) {
    const property = Object.getOwnPropertyDescriptor(value, key);
    // The stack is an accessor in some versions of V8, and on DOMException.
    const content: unknown = property?.get && key !== 'stack' ? undefined : Reflect.get(value, key);
    if (typeof content === 'string') {
      const scrubbed = scrub(content, secrets);
      if (scrubbed !== content)
        Reflect.defineProperty(value, key, { ...hiddenLike(property), value: scrubbed });
    } else if (content instanceof Error || Array.isArray(content)) {
      scrubObject(content, secrets, seen);
    }
  }
}

function hiddenLike(property: PropertyDescriptor | undefined): PropertyDescriptor {
  return { configurable: true, writable: true, enumerable: property?.enumerable ?? false };
}

/** Compiled once: a worker of many pairs has hundreds of secrets, and compiling them for each log line would take too long. */
const compiled = new Map<string, RegExp>();
const MOST_COMPILED = 10_000;

function spellings(secret: string): RegExp {
  const known = compiled.get(secret);
  if (known) return known;
  if (compiled.size >= MOST_COMPILED) compiled.clear();
  const pattern = compileSpellings(secret);
  compiled.set(secret, pattern);
  return pattern;
}

/** Each character raw, percent-encoded (once or twice, in either case), or escaped as JSON and SQL do. */
function compileSpellings(secret: string): RegExp {
  const pattern = Array.from(secret, (character) => {
    const bytes = [...Buffer.from(character, 'utf8')].map((byte) => byte.toString(16).padStart(2, '0'));
    const encoded = bytes.map((hex) => `%(?:25)?${anyCase(hex)}`).join('');
    return `(?:${[encoded, ...raw(character)].join('|')})`;
  }).join('');
  // A secret of up to three characters would match inside too many words.
  return new RegExp(secret.length > 3 ? pattern : `(?<![\\p{L}\\p{N}_])${pattern}(?![\\p{L}\\p{N}_])`, 'gu');
}

function raw(character: string): string[] {
  const itself = character.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
  if (character === ' ') return [itself, '\\+'];
  if (character === '\\') return ['\\\\\\\\', itself];
  if (character === '"') return ['\\\\"', itself];
  if (character === "'") return ["''", "\\\\'", itself];
  return [itself];
}

function anyCase(hex: string): string {
  return hex.replace(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`);
}

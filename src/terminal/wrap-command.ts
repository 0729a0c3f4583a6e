/** A sentence that ends with a command for a shell: what comes before it, and the command. */
const WITH_COMMAND = /^(.*: )((?:sequence-failover|temporal) .*)$/su;

/** A word of a shell, in which what is in quotes stays together; a quote without its twin is a character like any other. */
const WORD = String.raw`(?:\$'(?:[^'\\]|\\.)*'|\\.|[^\s'"\\]|'[^']*'|"(?:[^"\\]|\\.)*"|\S)+`;
/** A word, or an option with its value. */
const PART = new RegExp(`--[\\w-]+ (?!-)${WORD}|${WORD}`, 'gu');

/** @returns null if the sentence has no command at its end */
export function splitAtCommand(sentence: string): { before: string; command: string } | null {
  const [, before, command] = WITH_COMMAND.exec(sentence) ?? [];
  return before === undefined || command === undefined ? null : { before: before.trimEnd(), command };
}

/**
 * Breaks a command between its words, but not between an option and its value. A part that is longer than a line stays whole. Each line but the
 * last ends with a backslash, so that the lines can be pasted into a shell.
 *
 * @param width columns, 3 or more
 */
export function wrapCommand(command: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of command.match(PART) ?? []) {
    const last = lines.at(-1);
    // Two columns are for the backslash.
    if (last !== undefined && last.length + 1 + word.length <= width - 2)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.map((line, at) => (at < lines.length - 1 ? `${line} \\` : line));
}

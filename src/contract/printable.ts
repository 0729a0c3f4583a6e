/**
 * A text in one line, without characters that do not show or that a terminal would interpret: they are written as escapes. Names of sequences
 * may contain anything, also escape sequences and characters that change the direction of writing.
 */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => {
    if (character === '\n') return '\\n';
    const code = character.codePointAt(0) ?? 0;
    return `\\u{${code.toString(16)}}`;
  });
}

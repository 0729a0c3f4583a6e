/**
 * A word for a shell, quoted if necessary, for the commands in messages, remedies and help. A word with control characters, which a
 * terminal would interpret, is written with escapes that bash, ksh and zsh understand: $'first\\nsecond'.
 */
export function shellQuoted(word: string): string {
  if (/^[\w@%+=:,./-]+$/u.test(word)) return word;
  if (!/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(word)) return `'${word.replaceAll("'", `'\\''`)}'`;
  const escaped = word.replace(/[\\'\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => {
    if (character === '\\' || character === "'") return `\\${character}`;
    if (character === '\n') return '\\n';
    const code = character.codePointAt(0) ?? 0;
    return code > 0xff_ff
      ? `\\U${code.toString(16).padStart(8, '0')}`
      : `\\u${code.toString(16).padStart(4, '0')}`;
  });
  return `$'${escaped}'`;
}

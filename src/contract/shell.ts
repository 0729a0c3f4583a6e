/** One word of a POSIX shell, in quotes where it needs them: for the commands in messages, remedies and help. */
export function shellQuoted(word: string): string {
  return /^[\w@%+=:,./-]+$/u.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Runs one statement. */
type Run = (statement: string) => Promise<unknown>;

/** The statements of a text, as psql finds them: each ends with a semicolon outside of quotes. */
export function statementsIn(text: string): string[] {
  const parts = text.match(/(?:'(?:[^']|'')*'|"(?:[^"]|"")*"|\$(\w*)\$.*?\$\1\$|[^;'"$]|\$(?!\w*\$))+;/gsu);
  return (parts ?? []).flatMap((part) => {
    const at = part.search(/\b(?:ALTER|COMMIT|CREATE|DO|DROP|GRANT|REVOKE|SELECT|SET|TRUNCATE) [^a-z]*/u);
    return at < 0 ? [] : [part.slice(at).trim()];
  });
}

/**
 * Pastes what a remedy says into a session on the side that it names, one statement after the other. Text that is not a statement with a
 * semicolon is skipped, as psql would not run it.
 *
 * @param fillIn replaces the placeholders in <>
 * @returns how many statements ran
 */
export async function paste(
  remedy: string,
  sides: Partial<Record<'primary' | 'standby', Run>>,
  fillIn: (text: string) => string = (text) => text,
): Promise<number> {
  // The side stands before its statements.
  const [, ...parts] = fillIn(remedy).split(/\bon the (primary|standby)\b/u);
  let count = 0;
  for (let at = 0; at < parts.length; at += 2) {
    const run = sides[parts[at] as 'primary' | 'standby'];
    for (const statement of statementsIn(parts[at + 1] ?? '')) {
      if (/<.*>/u.test(statement.replace(/'[^']*'|<>/gu, '')))
        throw new Error(`not to be pasted: ${statement}`);
      if (run === undefined) throw new Error(`there is no ${parts[at] ?? ''} to paste to: ${statement}`);
      await run(statement);
      count += 1;
    }
  }
  return count;
}

/**
 * The first statements in a session of a database that a fence makes read-only. The second is for the transaction that has already begun if all
 * statements are sent at once, as with `psql -c`.
 */
export const WRITABLE = 'SET default_transaction_read_only TO off; SET transaction_read_only TO off;';

type Side = 'primary' | 'standby';
const BOTH: readonly Side[] = ['primary', 'standby'];

/** Quoted text, which may be any name; the words that name a side; and the colon before the first statement for it. */
const PARTS = new RegExp(
  [
    // An apostrophe after a letter, as in "the standby's", opens nothing.
    String.raw`"(?:[^"]|"")*"|\$'(?:[^'\\]|\\.)*'|(?<![\p{L}\p{N}_$])E?'(?:[^']|'')*'`,
    String.raw`\bon (?:the (?<side>primary|standby)(?<too> likewise)?|both sides)\b`,
    String.raw`: (?=(?<statement>SET default_transaction_read_only|ALTER|CREATE|DELETE|DO|DROP|GRANT|INSERT|REVOKE|SELECT (?:nextval|setval)|TRUNCATE|UPDATE)\b)`,
  ].join('|'),
  'gu',
);

/**
 * The remedy for sides that are, or may be, fenced: PostgreSQL would refuse its statements in a session that is read-only by default. Each paste
 * for such a side begins with the statement that lets its session write. A statement without a side may be for either.
 */
export function inWritableSession(remedy: string, readOnly: readonly Side[]): string {
  let named: Side[] = [];
  let current = BOTH;
  let isWritable = false;
  return remedy.replace(PARTS, (part, ...rest) => {
    const { side, too, statement } = rest.at(-1) as { side?: Side; too?: string; statement?: string };
    if (/^[$E]?["']/u.test(part)) return part;
    if (statement === undefined) {
      named.push(...(side === undefined || too !== undefined ? BOTH : [side]));
      return part;
    }
    if (named.length > 0) {
      [current, named, isWritable] = [named, [], false];
    }
    const isFenced = current.some((one) => readOnly.includes(one));
    if (!isFenced || isWritable) return part;
    isWritable = true;
    return statement.startsWith('SET ') ? part : `${part}${WRITABLE} `;
  });
}

/** The findings with remedies that can be pasted whichever side is read-only by default. READ_ONLY_DEFAULT has a remedy of its own. */
export function pasteableFindings<F extends { code: string; remedy: string }>(
  findings: readonly F[],
  sides: Partial<Record<Side, { readOnly?: true } | null>>,
): F[] {
  const readOnly = BOTH.filter((side) => sides[side]?.readOnly === true);
  if (readOnly.length === 0) return [...findings];
  return findings.map((finding) =>
    finding.code === 'READ_ONLY_DEFAULT'
      ? finding
      : { ...finding, remedy: inWritableSession(finding.remedy, readOnly) },
  );
}

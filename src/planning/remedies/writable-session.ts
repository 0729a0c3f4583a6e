import type { SideOfPair } from '../../contract/side.js';
import {
  beginsPaste,
  parseRemedy,
  type RemedyPart,
  renderRemedy,
  sidesNamed,
  WRITING,
} from '../../findings/remedy-text.js';

/**
 * The first statements in a session of a database that a fence makes read-only. The second is for the transaction that has already begun if all
 * statements are sent at once, as with `psql -c`.
 */
export const WRITABLE = 'SET default_transaction_read_only TO off; SET transaction_read_only TO off;';

const BOTH: readonly SideOfPair[] = ['primary', 'standby'];

/** The first statements of a paste that a read-only session refuses, or that let it write. */
const WRITES = new RegExp(
  `^(?:SET default_transaction_read_only|SELECT (?:nextval|setval)|${WRITING})\\b`,
  'u',
);

/**
 * The remedy for sides that are, or may be, fenced: PostgreSQL would refuse its statements in a session that is read-only by default. Each paste
 * for such a side begins with the statement that lets its session write. A statement without a side may be for either.
 */
export function inWritableSession(remedy: string, readOnly: readonly SideOfPair[]): string {
  let named: SideOfPair[] = [];
  let current = BOTH;
  let isWritable = false;
  const parts = parseRemedy(remedy).flatMap((part, at, all): RemedyPart[] => {
    named.push(...sidesNamed(part));
    if (!beginsPaste(part, all[at - 1]) || !WRITES.test(part.text)) return [part];
    if (named.length > 0) {
      [current, named, isWritable] = [named, [], false];
    }
    const isFenced = current.some((one) => readOnly.includes(one));
    if (!isFenced || isWritable) return [part];
    isWritable = true;
    return part.text.startsWith('SET ') ? [part] : [{ kind: 'statement', text: `${WRITABLE} ` }, part];
  });
  return renderRemedy(parts);
}

/** The findings with remedies {@link inWritableSession} for the sides that are read-only by default. READ_ONLY_DEFAULT has a remedy of its own. */
export function findingsInWritableSession<F extends { code: string; remedy: string }>(
  findings: readonly F[],
  sides: Partial<Record<SideOfPair, { readOnly?: true } | null>>,
): F[] {
  const readOnly = BOTH.filter((side) => sides[side]?.readOnly === true);
  if (readOnly.length === 0) return [...findings];
  return findings.map((finding) =>
    finding.code === 'READ_ONLY_DEFAULT'
      ? finding
      : { ...finding, remedy: inWritableSession(finding.remedy, readOnly) },
  );
}

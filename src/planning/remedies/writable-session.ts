import type { Finding } from '../../contract/status.js';

/** The first statement in a session of a database that a fence makes read-only. Psql sends each statement by itself, so it holds for those that follow. */
export const WRITABLE = 'SET default_transaction_read_only TO off;';

/** Where the statements of a remedy begin on a side: `on the standby, as the owner or a superuser: `. */
const beginning = (side: 'primary' | 'standby') =>
  new RegExp(
    `\\bon the ${side}(?:, as [^:;]*)?: (?=(?:ALTER|CREATE|DO|DROP|GRANT|REVOKE|SELECT|UPDATE) )`,
    'gu',
  );

/** The findings with remedies that can be pasted whichever side is read-only by default. READ_ONLY_DEFAULT has a remedy of its own. */
export function pasteableFindings(
  findings: Finding[],
  sides: Partial<Record<'primary' | 'standby', { readOnly?: true } | null>>,
): Finding[] {
  const readOnly = (['primary', 'standby'] as const).filter((side) => sides[side]?.readOnly === true);
  if (readOnly.length === 0) return findings;
  return findings.map((finding) =>
    finding.code === 'READ_ONLY_DEFAULT'
      ? finding
      : { ...finding, remedy: readOnly.reduce(inWritableSession, finding.remedy) },
  );
}

/** The remedy for a side that is, or may be, fenced: PostgreSQL would refuse its statements in a session that is read-only by default. */
export function inWritableSession(remedy: string, side: 'primary' | 'standby'): string {
  return remedy.replace(beginning(side), (place) => `${place}${WRITABLE} `);
}

import type { Report } from './report.js';

/** The data that `report --verify` needs from a report in Markdown or HTML. */
export interface Seal {
  version: 1;
  release: string;
  workflowId: string;
  histories: { runId: string; events: number; sha256: string }[];
}

const PREFIX = '<!-- sequence-failover-report ';
const SUFFIX = ' -->';

/** The last line of a report in Markdown or HTML: a comment. */
export function seal(report: Report): string {
  return `${PREFIX}${JSON.stringify(sealOf(report)).replace(/[<>]|[^ -~]/gu, escapedUnits)}${SUFFIX}`;
}

/** JSON with escapes, so that no character can end the comment or change the direction of writing. */
function escapedUnits(character: string): string {
  return Array.from(
    { length: character.length },
    (_, at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`,
  ).join('');
}

/** The histories of a report and of its members, with their hashes. */
export function sealOf(report: Pick<Report, 'release' | 'workflowId' | 'proof' | 'members'>): Seal {
  const { release, workflowId } = report;
  return { version: 1, release, workflowId, histories: historiesOf(report) };
}

function historiesOf({ proof, members }: Pick<Report, 'proof' | 'members'>): Seal['histories'] {
  const own = proof.histories.map(({ runId, events, sha256 }) => ({ runId, events, sha256 }));
  return [...own, ...members.flatMap(historiesOf)];
}

/** @returns null if the text has none */
export function readSeal(text: string): Seal | null {
  const line = text.trimEnd().split('\n').at(-1) ?? '';
  if (!line.startsWith(PREFIX) || !line.endsWith(SUFFIX)) return null;
  try {
    return JSON.parse(line.slice(PREFIX.length, -SUFFIX.length)) as Seal;
  } catch {
    return null;
  }
}

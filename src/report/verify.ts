import { cutHistories } from '../record/cut-histories.js';
import { proofOf } from '../record/history-proof.js';
import { allHistories, type RunHistories } from '../record/read-run.js';
import { buildReport } from './build-report.js';
import type { Format } from './formats.js';
import { RENDERERS } from './renderers.js';
import type { Report } from './report.js';
import { readSeal, type Seal, sealOf } from './seal.js';

/** The data in a report about its histories. */
export interface Claim {
  format: Format;
  /** Null for CSV, which contains no such data. */
  seal: Seal | null;
}

/** @throws Error if the text is no report */
export function claimOf(text: string): Claim {
  const seal = readSeal(text);
  if (seal !== null) return { format: text.startsWith('<!DOCTYPE html>') ? 'html' : 'md', seal };
  if (text.startsWith('pair,sequence,')) return { format: 'csv', seal: null };
  const report = jsonReport(text);
  if (report !== null) return { format: 'json', seal: sealOf(report) };
  throw new Error(
    'no report of sequence-failover: JSON has "format": "sequence-failover-report", Markdown and HTML end with a comment that names the histories, CSV begins with pair,sequence',
  );
}

function jsonReport(text: string): Report | null {
  try {
    const json = JSON.parse(text) as Partial<Report> | null;
    return json?.format === 'sequence-failover-report' ? (json as Report) : null;
  } catch {
    return null;
  }
}

/**
 * Whether a report belongs to these histories: they are cut to the lengths that the report names, and rendered again.
 *
 * @returns the reasons why not; empty if it does
 */
export async function verifyReport(text: string, run: RunHistories, release: string): Promise<string[]> {
  const { format, seal } = claimOf(text);
  if (seal !== null) {
    if (seal.release !== release)
      return [
        `the report was written by release ${seal.release} of sequence-failover, and this is ${release}: verify it with release ${seal.release}`,
      ];
    const differing = differences(seal, run);
    if (differing.length > 0) return differing;
  }
  const lengths = seal && new Map(seal.histories.map(({ runId, events }) => [runId, events]));
  const cut = lengths === null ? run : await cutHistories(run, lengths);
  if (cut === null) return ['the report names none of the histories of this workflow'];
  const report = buildReport(cut, release);
  const expected = RENDERERS[format](report);
  // The report may say faithfully what a changed history says.
  if (expected === text) {
    const problems = digestProblems(report);
    return problems.length > 0 ? problems : report.contradictions;
  }
  return [seal === null ? `${firstDifference(text, expected)}${OF_CSV}` : firstDifference(text, expected)];
}

/** The digests in the histories that do not agree with their records. */
function digestProblems({ proof, members }: Report): string[] {
  return [...(proof.recordDigest?.problems ?? []), ...members.flatMap(digestProblems)];
}

/** For each history that the report names: whether it exists, has this length, and is the same. */
function differences({ histories }: Seal, run: RunHistories): string[] {
  const known = new Map(allHistories(run).map((history) => [history.runId, history]));
  return histories.flatMap(({ runId, events, sha256 }) => {
    const history = known.get(runId);
    if (history === undefined) return [`the report names the history of the run ${runId}, which is not here`];
    if (history.events.length < events)
      return [
        `the history of the run ${runId} has ${history.events.length} events, and the report names ${events}`,
      ];
    const found = proofOf({ ...history, events: history.events.slice(0, events) }).sha256;
    return found === sha256
      ? []
      : [
          `the first ${events} events of the run ${runId} have the SHA-256 ${found}, and the report names ${sha256}`,
        ];
  });
}

const OF_CSV =
  ', or it is of another release, or the run has gone on since. A CSV does not say which events it was made of, so it was compared with the whole history: write the report of an open run as html, md or json to verify it later';

function firstDifference(text: string, expected: string): string {
  const [found, wanted] = [text.split('\n'), expected.split('\n')];
  const line = found.findIndex((one, at) => one !== wanted[at]);
  return `the report differs from its history in line ${line === -1 ? found.length : line + 1}: it was changed after it was written`;
}

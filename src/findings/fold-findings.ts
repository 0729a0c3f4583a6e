import { bySeverity } from '../contract/finding-properties.js';
import { digest, sumOfDigests } from '../steps/digest.js';
import { THINGS_AT_MOST, thingsOf } from './finding-identity.js';
import { foldRemedies } from './fold-remedies.js';
import { jsonBytes } from '../contract/parsing/json-size.js';
import type { Finding, Severity } from '../contract/status.js';
import { cut } from '../contract/parsing/text.js';

const EXAMPLES = 3;
const EXAMPLE_LENGTH = 200;
const SEPARATOR = ' | ';

/** All findings with one severity and one code. */
interface Group {
  severity: Severity;
  code: string;
  members: Finding[];
}

/**
 * The findings in the order of severity, code and sequence, at most `limit` of them. The order of the input does not matter.
 *
 * If there are more, all findings of a code become one finding, with the sum of the counts and up to three examples: information first,
 * blocks last, and the most frequent code first. There is always at least one finding for each code and severity. A finding that was folded
 * before takes in the other findings of its code, so the pages of a run can be folded one by one and then together. The subject of a folded
 * finding is a digest of all subjects.
 */
export function foldFindings(findings: readonly Finding[], limit = 200): Finding[] {
  const groups = group(findings);
  for (const each of groups) {
    if (each.members.some((finding) => standsForMany(finding, each.members))) fold(each);
  }
  let total = groups.reduce((sum, { members }) => sum + members.length, 0);
  const byExpendability = groups
    .filter(({ members }) => members.length > 1)
    .sort((a, b) => bySeverity(b, a) || b.members.length - a.members.length || compare(a.code, b.code));
  for (const each of byExpendability) {
    if (total <= limit) break;
    total -= each.members.length - 1;
    fold(each);
  }
  return groups.flatMap(({ members }) => members);
}

/** The largest size of all findings in a payload, in bytes of JSON. Names may be long, and full of control characters. */
const FINDINGS_AT_MOST = 300_000;

/** Like {@link foldFindings}, but at most as many findings as fit into a payload. */
export function fittingFindings(findings: readonly Finding[]): Finding[] {
  let folded = foldFindings(findings);
  for (let limit = 100; jsonBytes(folded) > FINDINGS_AT_MOST && limit >= 1; limit = Math.floor(limit / 2))
    folded = foldFindings(folded, limit);
  return folded;
}

function group(findings: readonly Finding[]): Group[] {
  const groups = new Map<string, Group>();
  for (const finding of [...findings].sort(order)) {
    const { severity, code } = finding;
    const key = `${severity} ${code}`;
    const existing = groups.get(key);
    if (existing) existing.members.push(finding);
    else groups.set(key, { severity, code, members: [finding] });
  }
  return [...groups.values()];
}

/** Whether the finding already stands for several: it was folded before, or the code that made it counted several things. */
function standsForMany(finding: Finding, members: readonly Finding[]): boolean {
  if (finding.sequence !== null || finding.count <= 1) return false;
  return foldedExamples(finding) !== null || members.some(({ sequence }) => sequence !== null);
}

function fold(group: Group): void {
  const { members } = group;
  const [first] = members;
  if (first === undefined || members.length === 1) return;
  const count = members.reduce((sum, member) => sum + member.count, 0);
  const examples = [...new Set(members.flatMap((member) => foldedExamples(member) ?? [example(member)]))];
  const shown = examples.sort(compare).slice(0, EXAMPLES).join(SEPARATOR);
  const things = unionOfThings(members);
  const folded: Finding = {
    ...first,
    sequence: null,
    count,
    message: `${foldedPrefix(count)}${shown}`,
    remedy: foldRemedies(members.map(({ remedy }) => remedy)),
    subject: sumOfDigests(members.map(digestOf)),
    ...(things === null ? {} : { things }),
  };
  if (things === null) delete folded.things;
  group.members = [folded];
}

/** @returns null if a member does not say what it is about, or if there are too many things to carry */
function unionOfThings(members: readonly Finding[]): string[] | null {
  const union = new Set<string>();
  for (const member of members) {
    const things = thingsOf(member);
    if (things === null) return null;
    for (const thing of things) union.add(thing);
    if (union.size > THINGS_AT_MOST) return null;
  }
  return [...union].sort(compare);
}

/** The beginning of the message of a folded finding. A status, which leaves out internal fields, tells such a finding only by it. */
const foldedPrefix = (count: number) => `${count} findings, for instance: `;

/** The examples in the message of a folded finding; null if the finding is not folded. */
function foldedExamples({ sequence, count, message }: Finding): string[] | null {
  const prefix = foldedPrefix(count);
  if (sequence !== null || count <= 1 || !message.startsWith(prefix)) return null;
  return message.slice(prefix.length).split(SEPARATOR);
}

function digestOf(member: Finding): string {
  const { sequence, subject } = member;
  const isDigest = subject !== undefined && foldedExamples(member) !== null;
  return isDigest ? subject : digest(sequence ?? subject ?? '');
}

/** One line that does not contain the separator. */
function example({ sequence, message }: Finding): string {
  const text = sequence === null || message.includes(sequence) ? message : `${sequence}: ${message}`;
  return cut(text.replace(/\s+/gu, ' ').replaceAll('|', '¦').trim(), EXAMPLE_LENGTH);
}

function order(a: Finding, b: Finding): number {
  return (
    bySeverity(a, b) ||
    compare(a.code, b.code) ||
    // Findings about the run come before findings about a sequence.
    Number(a.sequence !== null) - Number(b.sequence !== null) ||
    compare(a.sequence ?? '', b.sequence ?? '') ||
    compare(a.message, b.message) ||
    compare(a.remedy, b.remedy) ||
    a.count - b.count
  );
}

/** Compares by code units: with a locale, the order could differ between two workers that replay one history. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The finding as the status shows it: without `subject` and `things`, which only rechecks compare. */
export function withoutInternalFields(finding: Finding): Finding {
  const shown = { ...finding };
  delete shown.subject;
  delete shown.things;
  return shown;
}

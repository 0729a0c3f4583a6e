import { setCurrentDetails } from '@temporalio/workflow';
import { describeApprovers } from '../../src/contract/approvers.js';
import { outcomesText } from '../../src/contract/counts.js';
import { markdownCode } from '../../src/contract/markdown.js';
import { plural } from '../../src/contract/plural.js';
import { shellQuoted } from '../../src/contract/shell.js';
import type { Status } from '../../src/contract/status.js';
import { distanceText } from '../../src/sequences/distance-text.js';
import { aboutPair, endingText, findingsList } from '../details-text.js';
import type { Run } from './run.js';

/** Markdown that the Temporal UI shows for the run. The history does not keep it. */
export function describeRun(run: Run): void {
  setCurrentDetails(toMarkdown(run));
}

export function toMarkdown(run: Run): string {
  const status = run.status();
  const { phase, checklist, counts, gate, findings, minimumHeadroom, round, buffer, ending } = status;
  const paragraphs = [
    aboutPair(status, [['Mode', status.mode]]),
    nextCommand(status),
    checklist
      .map(({ item, done, at }) => `- ${done ? '☑' : '☐'} ${item}${done && at !== null ? ` (${at})` : ''}`)
      .join('\n'),
    `**${phase}**, round ${round}, buffer ${buffer.calls ?? 'of its own for each sequence'}${buffer.reason === undefined ? '' : ` (${markdownCode(buffer.reason)})`}`,
    `${plural(counts.total, 'sequence')}: ${outcomesText(counts, status.mode)}`,
  ];
  paragraphs.push(endingText(ending));
  if (minimumHeadroom !== null) {
    paragraphs.push(
      `Least headroom: ${minimumHeadroom.calls} calls on ${markdownCode(minimumHeadroom.sequence)}`,
    );
  }
  paragraphs.push(leastAhead(run));
  if (status.verifiedAt !== null) paragraphs.push(`Verified at ${status.verifiedAt}`);
  if (gate !== null) {
    const until = gate.deadline === null ? '' : `, until ${gate.deadline}`;
    const approvals = gate.approvals.map(({ by, at }) => `- approved by ${markdownCode(by)} at ${at}`);
    paragraphs.push(
      `Gate: **${gate.state}**, ${gate.approvals.length} of ${gate.required} approvals${until}`,
      approvals.join('\n'),
    );
  }
  if (gate?.heldUntil !== undefined)
    paragraphs.push(`Approved; waits until **${gate.heldUntil}**, then verifies again and hands off`);
  else if (gate?.notBefore !== undefined) paragraphs.push(`Nothing is handed off before ${gate.notBefore}`);
  if (gate?.approvers !== undefined)
    paragraphs.push(`May approve: ${markdownCode(describeApprovers(gate.approvers))}`);
  paragraphs.push(findingsList(findings));
  return paragraphs.filter((paragraph) => paragraph !== '').join('\n\n');
}

const SEQUENCES_SHOWN = 5;

/** What a person does next at the gate; empty while there is nothing to do. */
function nextCommand({ workflowId, phase, gate }: Status): string {
  if (workflowId === null || phase !== 'awaiting-approval' || gate === null || gate.heldUntil !== undefined)
    return '';
  const command = (verb: string) =>
    markdownCode(`sequence-failover ${verb} ${shellQuoted(workflowId)} --by "$USER"`);
  if (gate.state === 'open') return `Next: ${command('approve')}`;
  return gate.state === 'blocked' ? `Next: fix what blocks, then ${command('resynchronize')}` : '';
}

/** The sequences with the least headroom when they were last read. */
function leastAhead({ memory: { watched } }: Run): string {
  if (watched.length < 2) return '';
  const least = [...watched].sort((a, b) => (BigInt(a.headroom) < BigInt(b.headroom) ? -1 : 1));
  const shown = least.slice(0, SEQUENCES_SHOWN);
  const rows = shown.map(
    ({ sequence, headroom }) => `- ${markdownCode(sequence)}: ${distanceText(BigInt(headroom))}`,
  );
  return rows.join('\n');
}

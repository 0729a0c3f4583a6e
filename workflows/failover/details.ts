import { setCurrentDetails } from '@temporalio/workflow';
import { describeApprovers } from '../../src/contract/approvers.js';
import type { Run } from './run.js';

/** Markdown for whoever has the run open in the Temporal UI; history does not keep it. */
export function describeRun(run: Run): void {
  setCurrentDetails(toMarkdown(run));
}

export function toMarkdown(run: Run): string {
  const { phase, checklist, counts, gate, findings, minimumHeadroom, round, buffer, ending } = run.status();
  const paragraphs = [
    checklist
      .map(({ item, done, at }) => `- ${done ? '☑' : '☐'} ${item}${at === null ? '' : ` (${at})`}`)
      .join('\n'),
    `**${phase}**, round ${round}, buffer ${buffer.calls ?? 'of its own for each sequence'}${buffer.reason === undefined ? '' : ` (${code(buffer.reason)})`}`,
    `${counts.total} sequences: ${counts.applied} applied, ${counts.kept} kept, ${counts.skipped} skipped, ${counts.failed} failed`,
  ];
  if (ending !== null) paragraphs.push(`Ended **${ending.state}** (${ending.at}): ${code(ending.message)}`);
  if (minimumHeadroom !== null) {
    paragraphs.push(`Least headroom: ${minimumHeadroom.calls} calls on ${code(minimumHeadroom.sequence)}`);
  }
  if (gate !== null) {
    const until = gate.deadline === null ? '' : `, until ${gate.deadline}`;
    paragraphs.push(
      `Gate: **${gate.state}**, ${gate.approvals.length} of ${gate.required} approvals${until}`,
    );
  }
  if (gate?.heldUntil !== undefined)
    paragraphs.push(`Approved; waits until **${gate.heldUntil}**, then verifies again and hands off`);
  else if (gate?.notBefore !== undefined) paragraphs.push(`Nothing is handed off before ${gate.notBefore}`);
  if (gate?.approvers !== undefined)
    paragraphs.push(`May approve: ${code(describeApprovers(gate.approvers))}`);
  const shown = findings.slice(0, FINDINGS_SHOWN);
  paragraphs.push(
    shown
      .map(
        (finding) =>
          `- **${finding.severity} ${finding.code}**: ${finding.message} → ${code(finding.remedy)}`,
      )
      .join('\n'),
  );
  if (findings.length > shown.length)
    paragraphs.push(`… and ${findings.length - shown.length} more, see the query status`);
  return paragraphs.filter((paragraph) => paragraph !== '').join('\n\n');
}

const FINDINGS_SHOWN = 20;

/** As code a command keeps its dashes and quotes, which the UI else makes typographic. */
function code(text: string): string {
  return text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``;
}

import { setCurrentDetails } from '@temporalio/workflow';
import type { Run } from './run.js';

/** Markdown for whoever has the run open in the Temporal UI; history does not keep it. */
export function describeRun(run: Run): void {
  setCurrentDetails(toMarkdown(run));
}

export function toMarkdown(run: Run): string {
  const { phase, counts, gate, findings, minimumHeadroom, round, buffer } = run.status();
  const lines = run
    .checklist()
    .map(({ item, done, at }) => `- [${done ? 'x' : ' '}] ${item}${at === null ? '' : ` (${at})`}`);
  lines.push('', `**${phase}**, round ${round}, buffer ${buffer.calls ?? 'not known yet'}`);
  lines.push(
    '',
    `${counts.total} sequences: ${counts.applied} applied, ${counts.kept} kept, ${counts.skipped} skipped, ${counts.failed} failed`,
  );
  if (minimumHeadroom !== null) {
    lines.push('', `Least headroom: ${minimumHeadroom.calls} calls on \`${minimumHeadroom.sequence}\``);
  }
  if (gate !== null) {
    lines.push(
      '',
      `Gate: **${gate.state}**, ${gate.approvals.length} of ${gate.required} approvals, until ${gate.deadline ?? '…'}`,
    );
  }
  for (const { severity, code, message, remedy } of findings.slice(0, 20)) {
    lines.push(`- **${severity}** ${code}: ${message} → ${remedy}`);
  }
  return lines.join('\n');
}

import { markdownCode, markdownText } from '../contract/markdown.js';
import { shownParts } from '../findings/remedy-text.js';
import { proofSections } from './proof-sections.js';
import { isFleet, type Report } from './report.js';
import { seal } from './seal.js';
import {
  adviceSection,
  configurationSection,
  decisionsSection,
  findingsSection,
  membersSection,
  type Section,
  sequencesSection,
  timelineSection,
  TITLES,
  waitingSection,
} from './sections.js';

export function renderMarkdown(report: Report): string {
  return `${[...documentOf(report, 1), '', `sequence-failover ${markdownText(report.release)}`, '', seal(report)].join('\n')}\n`;
}

function documentOf(report: Report, level: number): string[] {
  const { kind, workflowId, summary, contradictions, warnings, members, waiting } = report;
  const heading = (title: string, below = 1) => [
    '',
    `${'#'.repeat(Math.min(6, level + below))} ${title}`,
    '',
  ];
  const section = (one: Section, below = 1) => [...heading(one.title, below), ...tableOf(one)];
  return [
    `${'#'.repeat(level)} ${TITLES[kind]}: ${markdownText(workflowId)}`,
    '',
    summary.map((sentence) => markdownText(sentence)).join(' '),
    ...contradictions.flatMap((one) => ['', `> **Do not trust this record:** ${markdownText(one)}`]),
    ...warnings.flatMap((warning) => ['', `> **Note:** ${markdownText(warning)}`]),
    ...section(configurationSection(report)),
    ...section(timelineSection(report)),
    ...(isFleet({ kind }) ? section(membersSection(report)) : []),
    ...(level === 1 ? section(sequencesSection(report)) : []),
    ...section(findingsSection(report)),
    ...(level === 1 && kind !== 'promotion-fleet' ? section(adviceSection(report)) : []),
    ...section(decisionsSection(report)),
    ...(waiting.length === 0 ? [] : section(waitingSection(report))),
    ...heading('Proof'),
    ...proofSections(report).flatMap((one) => section(one, 2)),
    ...members.flatMap((member) => ['', ...documentOf(member, 2)]),
  ];
}

function tableOf({ columns, rows, none, legend }: Section): string[] {
  if (rows.length === 0) return [none];
  const line = (cells: readonly string[]) => `| ${cells.map(markdownText).join(' | ')} |`;
  const row = (cells: readonly string[]) =>
    `| ${cells.map((cell, at) => (columns[at] === 'remedy' ? remedyText(cell) : markdownText(cell))).join(' | ')} |`;
  return [
    ...(legend === undefined ? [] : [legend, '']),
    line(columns),
    `|${' --- |'.repeat(columns.length)}`,
    ...rows.map(row),
  ];
}

/** Each statement and each command of a remedy has a line of its own in its cell, as code. A bar in it would end the cell. */
function remedyText(remedy: string): string {
  return shownParts(remedy)
    .map(({ kind, text }) =>
      kind === 'prose' ? markdownText(text) : markdownCode(text).replaceAll('|', String.raw`\|`),
    )
    .join('<br>');
}

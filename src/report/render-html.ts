import { plural } from '../contract/plural.js';
import { sha256Base64 } from '../hash/sha256.js';
import { printable } from '../contract/printable.js';
import { headroomChart, waitingChart } from './html/charts.js';
import { html } from './html/escape.js';
import { SCRIPT } from './html/script.js';
import { sequencesPart } from './html/sequences.js';
import { STYLE } from './html/style.js';
import { tableOf } from './html/tables.js';
import { proofSections } from './proof-sections.js';
import { isFleet, type Report } from './report.js';
import { seal } from './seal.js';
import {
  adviceSection,
  configurationSection,
  decisionsSection,
  findingsSection,
  membersSection,
  timelineSection,
  TITLES,
  waitingSection,
} from './sections.js';

/** One file that loads nothing. Its content security policy allows only its own script and style, by their hashes. */
export function renderHtml(report: Report): string {
  const { kind, workflowId, release, summary, contradictions, warnings, state, outcome, failure } = report;
  const title = `${TITLES[kind]}: ${printable(workflowId)}`;
  const policy = [
    "default-src 'none'",
    `script-src 'sha256-${sha256Base64(SCRIPT)}'`,
    `style-src 'sha256-${sha256Base64(STYLE)}'`,
    ...["base-uri 'none'", "form-action 'none'"],
  ].join('; ');
  const parts = partsOf(report);
  const hasRows = report.sequences.length > 0;
  return `<!DOCTYPE html>
<html lang="en" dir="ltr">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="generator" content="sequence-failover ${html(release)}">
<title>${html(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<h1>${html(title)}</h1>
<p><span class="state ${stateClass(state)}">${html(printable(outcome ?? failure?.type ?? state))}</span></p>
</header>
<nav aria-label="Parts of the report"><ul>
${parts.map(({ id, heading }) => `<li><a href="#${id}">${html(heading)}</a></li>`).join('\n')}
</ul></nav>
<main>
<section id="summary" aria-label="Summary">
<p>${summary.map((sentence) => html(printable(sentence))).join(' ')}</p>
${contradictions.map((one) => `<p class="alarm" role="alert"><strong>Do not trust this record.</strong> ${html(printable(one))}</p>`).join('\n')}
${warnings.map((warning) => `<p class="note">${html(printable(warning))}</p>`).join('\n')}
</section>
${parts.map(({ id, heading, content }) => `<section id="${id}">\n<h2>${html(heading)}</h2>\n${content}\n</section>`).join('\n')}
</main>
<footer>sequence-failover ${html(release)}</footer>
${hasRows ? `<script>${SCRIPT}</script>` : ''}
</body>
</html>
${seal(report)}
`;
}

const stateClass = (state: Report['state']) =>
  state === 'completed' ? 'good' : state === 'open' || state === 'cancelled' ? 'warn' : 'block';

interface Part {
  id: string;
  heading: string;
  content: string;
}

function partsOf(report: Report): Part[] {
  const { kind, members } = report;
  const part = (id: string, heading: string, ...content: string[]): Part => ({
    ...{ id, heading, content: content.filter((one) => one !== '').join('\n') },
  });
  return [
    part('configuration', 'Configuration', tableOf(configurationSection(report))),
    ...(isFleet({ kind })
      ? [part('pairs', 'Pairs', tableOf(membersSection(report)), members.map(memberPart).join('\n'))]
      : []),
    part('timeline', 'Timeline', tableOf(timelineSection(report))),
    part('headroom', 'Headroom', headroomChart(report), waitingParts(report)),
    part('sequences', 'Sequences', sequencesPart(report)),
    part('findings', 'Findings', tableOf(findingsSection(report))),
    ...(kind === 'promotion-fleet' ? [] : [part('advice', 'Advice', tableOf(adviceSection(report)))]),
    part('decisions', 'Decisions', tableOf(decisionsSection(report))),
    part('proof', 'Proof', ...proofParts(report)),
  ];
}

function waitingParts({ waiting }: Report): string {
  if (waiting.length === 0) return '';
  return `<h3>At the rechecks</h3>\n${waitingChart(waiting)}\n<details><summary>${plural(waiting.length, 'recheck')}</summary>${tableOf(waitingSection({ waiting }))}</details>`;
}

const proofParts = (report: Report) =>
  proofSections(report).map((section) => `<h3>${html(section.title)}</h3>\n${tableOf(section)}`);

/** In the report of a fleet: the run of one pair. Its sequences are in the table of the fleet. */
function memberPart(member: Report): string {
  const sections = [configurationSection, timelineSection, findingsSection, decisionsSection].map((of) =>
    of(member),
  );
  return `<details><summary>${html(printable(member.workflowId))}</summary>
<p>${member.summary.map((sentence) => html(printable(sentence))).join(' ')}</p>
${sections.map((section) => `<h3>${html(section.title)}</h3>\n${tableOf(section)}`).join('\n')}
${waitingParts(member)}
${proofParts({ ...member, members: [] }).join('\n')}
</details>`;
}

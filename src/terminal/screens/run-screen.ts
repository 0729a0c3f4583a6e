import { describeServer } from '../../contract/describe-server.js';
import { shellQuoted } from '../../contract/shell.js';
import type { Mode } from '../../contract/input.js';
import type { Phase, Status } from '../../contract/status.js';
import { findingsWithin } from '../findings-lines.js';
import { headroomLines } from '../headroom-lines.js';
import { labelled } from '../labelled.js';
import { nextSteps } from '../next-step.js';
import { gateInWords, phaseInWords, phasesOf } from '../phase.js';
import { printable } from '../../contract/printable.js';
import { withShortRemedies } from '../short-commands.js';
import { describeCounts, gateLines, verifiedLines } from '../status-lines.js';
import { retryLines, titleLines, type WorkflowView } from './head.js';
import { bar, type Canvas, fitScreen, nextLines } from './screen.js';

export type RunView = WorkflowView<Status>;

const BAR_WIDTH = 30;

/** The screen of a run: its phase, its progress, its findings, and the next step of a person. */
export function runScreen({ workflowId, status, retries, trouble }: RunView, canvas: Canvas): string[] {
  const { pair, mode, phase, gate, ticket, requestedBy, primary, standby, counts, pages } = status;
  const { colors, now } = canvas;
  const atGate = phase === 'awaiting-approval' && gate !== null;
  const head = [
    ...titleLines(
      {
        title: pair ?? workflowId,
        doing: atGate ? `${phaseInWords(phase, mode)}: ${gateInWords(gate)}` : phaseInWords(phase, mode),
        about: [workflowId, mode, ticket, requestedBy === null ? null : `asked for by ${requestedBy}`],
        trouble,
      },
      canvas,
    ),
    phaseLine(mode, phase, canvas),
    '',
    ...labelled('primary', primary && describeServer(primary)),
    ...labelled('standby', standby && describeServer(standby)),
    ...(pages === undefined
      ? []
      : labelled(
          'pages',
          `${bar(pages.done, pages.total, BAR_WIDTH)} ${pages.done} of ${pages.total} are done`,
        )),
    ...labelled('sequences', counts.total === 0 ? null : describeCounts(status)),
    ...headroomLines(status, now),
    ...verifiedLines(status, now),
    ...gateLines(status, now),
    ...retryLines(retries, canvas),
  ];
  const next = nextLines(nextSteps(status, workflowId).map(printable), canvas);
  return fitScreen(
    {
      head,
      body: (room) => {
        const lines = findingsWithin(
          withShortRemedies(status.findings, { workflowId }),
          { colors, width: canvas.width },
          {
            ...{ room: room - 1, whole: `sequence-failover status ${shellQuoted(workflowId)}` },
          },
        );
        return lines.length === 0 ? [] : ['', ...lines];
      },
      foot: next.length === 0 ? [] : ['', ...next],
    },
    canvas,
  );
}

/** `✓ check  ✓ set  ▸ verify  · record  · gate  · hand off` */
function phaseLine(mode: Mode | null, phase: Phase, { colors }: Canvas): string {
  const phases = phasesOf(mode);
  const at = phase === 'done' ? phases.length : phases.findIndex((one) => one.phase === phase);
  return phases
    .map(({ name }, index) => {
      if (index < at) return `${colors.green('✓')} ${name}`;
      return index === at ? colors.bold(`▸ ${name}`) : colors.dim(`· ${name}`);
    })
    .join('  ');
}

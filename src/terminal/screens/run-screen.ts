import { describeServer } from '../../contract/describe-server.js';
import type { Mode } from '../../contract/input.js';
import type { Phase, Status } from '../../contract/status.js';
import { headroomLines } from '../headroom-lines.js';
import { labelled } from '../labelled.js';
import { nextSteps } from '../next-step.js';
import { gateInWords, phaseInWords, phasesOf } from '../phase.js';
import { printable } from '../../contract/printable.js';
import { withShortRemedies } from '../short-commands.js';
import { describeCounts, gateLines, verifiedLines } from '../status-lines.js';
import { findingsBody } from './findings-body.js';
import { retryLines, titleLines, type WorkflowView } from './head.js';
import { bar, type Canvas, fitScreen, ranked } from './screen.js';

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
        details: [workflowId, mode, ticket, requestedBy === null ? null : `asked for by ${requestedBy}`],
        trouble,
      },
      canvas,
    ),
    ...ranked('detail', [
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
    ]),
    ...ranked('fact', [
      ...labelled('sequences', counts.total === 0 ? null : describeCounts(status)),
      ...headroomLines(status, now),
      ...verifiedLines(status, now),
    ]),
    // The first line says what the gate waits for.
    ...gateLines(status, now).flatMap((line, at) => ranked(at === 0 ? 'needed' : 'fact', [line])),
    ...ranked('needed', retryLines(retries, canvas)),
  ];
  return fitScreen(
    {
      head,
      body: findingsBody(withShortRemedies(status.findings, { workflowId }), workflowId, {
        ...{ colors, width: canvas.width },
      }),
      steps: nextSteps(status, workflowId).map(printable),
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

import { describeServer } from '../../contract/describe-server.js';
import { shellQuoted } from '../../contract/shell.js';
import type { PromotionStatus } from '../../contract/promotion.js';
import { budgetLeft } from '../budget-left.js';
import { findingsWithin } from '../findings-lines.js';
import { labelled } from '../labelled.js';
import { letConnectTo } from '../last-steps.js';
import { promotionPhaseInWords } from '../phase.js';
import { printable } from '../../contract/printable.js';
import { stepLines } from '../promotion-steps.js';
import { withShortRemedies } from '../short-commands.js';
import { retryLines, titleLines, type WorkflowView } from './head.js';
import { type Canvas, fitScreen, nextLines } from './screen.js';

export type PromotionView = WorkflowView<PromotionStatus>;

/** The screen of a promotion: its steps, the outage, the rest of its budget, and how to reject it. */
export function promotionScreen(
  { workflowId, status, retries, trouble }: PromotionView,
  canvas: Canvas,
): string[] {
  const { pair, rehearsal, phase, ticket, requestedBy, findings } = status;
  const head = [
    ...titleLines(
      {
        title: pair ?? workflowId,
        doing: promotionPhaseInWords(phase),
        about: [
          ...[workflowId, rehearsal ? 'rehearsal of a promotion' : 'promotion', ticket],
          requestedBy === null ? null : `asked for by ${requestedBy}`,
        ],
        trouble,
      },
      canvas,
    ),
    '',
    ...promotionSummaryLines(status, canvas.now),
    ...retryLines(retries, canvas),
    '',
    ...stepLines(status, canvas),
  ];
  return fitScreen(
    {
      head,
      body: (room) => {
        const lines = findingsWithin(withShortRemedies(findings, { workflowId }), canvas, {
          ...{ room: room - 1, whole: `sequence-failover status ${shellQuoted(workflowId)}` },
        });
        return lines.length === 0 ? [] : ['', ...lines];
      },
      foot: footLines({ workflowId, status, retries, trouble }, canvas),
    },
    canvas,
  );
}

/** The servers of a promotion, its approvers, and its outage. @param now null if it is closed */
export function promotionSummaryLines(status: PromotionStatus, now: number | null): string[] {
  const { primary, standby, approvals, fleet } = status;
  return [
    ...labelled('primary', primary && describeServer(primary)),
    ...labelled('standby', standby && describeServer(standby)),
    ...labelled('fleet', fleet === undefined ? null : fleetText(fleet)),
    ...labelled('approved', approvals.length === 0 ? null : `by ${approvals.map(({ by }) => by).join(', ')}`),
    ...outageLines(status, now),
  ];
}

const fleetText = ({ workflowId, waitsFor }: NonNullable<PromotionStatus['fleet']>) =>
  waitsFor === null ? workflowId : `${workflowId}, waits for its order: ${waitsFor}`;

function outageLines(
  { phase, certificate, deadline, outageBudget, ending }: PromotionStatus,
  now: number | null,
): string[] {
  if (certificate !== null) return labelled('outage', `${certificate.outageMs} ms`);
  if (now === null) {
    // Of one that has ended, the steps say what was undone.
    const text = deadline === null ? 'none' : ending === null ? 'began; nobody has recorded its end' : null;
    return labelled('outage', text);
  }
  if (deadline === null || phase === 'before-the-switch')
    return labelled('outage', outageBudget === null ? null : `none yet; at most ${outageBudget}`);
  return labelled('outage', budgetLeft(deadline, outageBudget, now));
}

/** The next steps of a person, each with a command: calling the promotion off, and tidying up after it. */
export function promotionNextSteps(
  {
    phase,
    leftovers,
    rehearsal,
    steps,
    standby,
  }: Pick<PromotionStatus, 'phase' | 'leftovers' | 'rehearsal' | 'steps' | 'standby'>,
  workflowId: string,
  retries: WorkflowView<unknown>['retries'] = [],
): string[] {
  const callOff =
    phase === 'before-the-switch' || phase === 'outage'
      ? [
          `nothing; to call ${rehearsal ? 'the rehearsal' : 'it'} off: sequence-failover reject ${shellQuoted(workflowId)} --by "$USER" --reason 'called off'`,
        ]
      : [];
  const isStuck =
    retries.length > 0 && steps.some(({ step, state }) => step === 'traffic' && state === 'running');
  // Until the step ends, nobody else moves the clients.
  const byHand =
    isStuck && standby !== null
      ? [`fix why the step traffic fails, or ${letConnectTo(standby)} by hand: it takes writes`]
      : [];
  const undoing =
    phase === 'undoing' && retries.length > 0
      ? [
          `bring the server back that does not answer: the undo then goes on. If it is gone for good: temporal workflow terminate --workflow-id ${shellQuoted(workflowId)}, and undo by hand what sequence-failover status ${shellQuoted(workflowId)} shows`,
        ]
      : [];
  return [...callOff, ...byHand, ...undoing, ...leftovers.map((command) => `tidy up: ${printable(command)}`)];
}

function footLines({ workflowId, status, retries }: PromotionView, canvas: Canvas): string[] {
  const next = nextLines(promotionNextSteps(status, workflowId, retries), canvas);
  return next.length === 0 ? [] : ['', ...next];
}

import { describeServer } from '../../contract/describe-server.js';
import { shellQuoted } from '../../contract/shell.js';
import type { PromotionStatus, StepState } from '../../contract/promotion.js';
import { budgetLeft } from '../budget-left.js';
import { labelled } from '../labelled.js';
import { letConnectTo } from '../last-steps.js';
import { isFenced, promotionPhaseInWords } from '../phase.js';
import { printable } from '../../contract/printable.js';
import { stepLines } from '../promotion-steps.js';
import { withShortRemedies } from '../short-commands.js';
import { findingsBody } from './findings-body.js';
import { retryLines, titleLines, type WorkflowView } from './head.js';
import { type Canvas, fitScreen, ranked } from './screen.js';

export type PromotionView = WorkflowView<PromotionStatus>;

/** The screen of a promotion: its steps, the outage, the rest of its budget, and how to reject it. */
export function promotionScreen(
  { workflowId, status, retries, trouble }: PromotionView,
  canvas: Canvas,
): string[] {
  const { pair, rehearsal, ticket, requestedBy, findings } = status;
  const head = [
    ...titleLines(
      {
        title: pair ?? workflowId,
        doing: promotionPhaseInWords(status),
        details: [
          ...[workflowId, rehearsal ? 'rehearsal of a promotion' : 'promotion', ticket],
          requestedBy === null ? null : `asked for by ${requestedBy}`,
        ],
        trouble,
      },
      canvas,
    ),
    ...ranked('detail', ['', ...serverLines(status)]),
    ...ranked('needed', [...outageLines(status, canvas.now), ...retryLines(retries, canvas)]),
    ...ranked('detail', ['']),
    ...status.steps.flatMap((step) =>
      ranked(AT_WORK.has(step.state) ? 'needed' : 'detail', stepLines({ steps: [step], rehearsal }, canvas)),
    ),
  ];
  return fitScreen(
    {
      head,
      body: findingsBody(withShortRemedies(findings, { workflowId }), workflowId, canvas),
      steps: promotionNextSteps(status, workflowId, retries),
    },
    canvas,
  );
}

/** The states of steps that a person has to see. */
const AT_WORK: ReadonlySet<StepState> = new Set(['running', 'failed', 'undoing']);

/** The servers of a promotion, its approvers, and its outage. @param now null if it is closed */
export const promotionSummaryLines = (status: PromotionStatus, now: number | null): string[] => [
  ...serverLines(status),
  ...outageLines(status, now),
];

function serverLines({ primary, standby, approvals, fleet, ending }: PromotionStatus): string[] {
  return [
    ...labelled('primary', primary && describeServer(primary)),
    ...labelled('standby', standby && describeServer(standby)),
    ...labelled('fleet', fleet === undefined ? null : ending === null ? fleetText(fleet) : fleet.workflowId),
    ...labelled('approved', approvals.length === 0 ? null : `by ${approvals.map(({ by }) => by).join(', ')}`),
  ];
}

const fleetText = ({ workflowId, waitsFor }: NonNullable<PromotionStatus['fleet']>) =>
  waitsFor === null ? workflowId : `${workflowId}, waits for its order: ${waitsFor}`;

function outageLines(status: PromotionStatus, now: number | null): string[] {
  const { phase, certificate, deadline, outageBudget, ending } = status;
  if (certificate !== null) return labelled('outage', `${certificate.outageMs} ms`);
  if (now === null) {
    // Of one that has ended, the steps say what was undone.
    const text = deadline === null ? 'none' : ending === null ? 'began; nobody has recorded its end' : null;
    return labelled('outage', text);
  }
  // The budget is no limit of the undo.
  if (phase === 'undoing')
    return labelled('outage', isFenced(status) ? 'goes on until the fence is lifted' : null);
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
          `fix what the failure above names, such as a server that does not answer or a login that is refused: the undo then goes on. If its server is gone for good: temporal workflow terminate --workflow-id ${shellQuoted(workflowId)}, and undo by hand what sequence-failover status ${shellQuoted(workflowId)} shows`,
        ]
      : [];
  return [...callOff, ...byHand, ...undoing, ...leftovers.map((command) => `tidy up: ${printable(command)}`)];
}

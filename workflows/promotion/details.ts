import { setCurrentDetails } from '@temporalio/workflow';
import { markdownCode } from '../../src/contract/markdown.js';
import type { PromotionChange, PromotionStatus, StepState } from '../../src/contract/promotion.js';
import { shellQuoted } from '../../src/contract/shell.js';
import { aboutPair, endingText, findingsList } from '../details-text.js';

/** Markdown that the Temporal UI shows for the promotion. The history does not keep it. */
export function describePromotion(status: PromotionStatus): void {
  setCurrentDetails(toMarkdown(status));
}

const mark: Record<StepState, string> = {
  ...{ pending: '☐', skipped: '–', running: '▸', done: '☑', failed: '✗', undoing: '↶', undone: '↶' },
};

export function toMarkdown(status: PromotionStatus): string {
  const { rehearsal, phase, steps, findings, fleet, certificate, leftovers, changes = [], ending } = status;
  const waitsFor = fleet?.waitsFor ?? null;
  return [
    aboutPair(status, rehearsal ? [['Rehearsal', 'sets no fence and opens nothing']] : []),
    `**${phase}**${waitsFor === null ? '' : `, waits for the order of its fleet: ${waitsFor}`}`,
    ...(ending === null ? [limit(status), howToStop(status)] : [endingText(ending)]),
    steps.map(({ step, state }) => `- ${mark[state]} ${step}: ${state}`).join('\n'),
    certificate === null ? '' : `Outage: ${certificate.outageMs} ms`,
    phase === 'undoing' || ending?.state === 'failed' ? notUndone(changes, ending === null) : '',
    findingsList(findings),
    leftovers.map((one) => `- Left to tidy up: ${markdownCode(one)}`).join('\n'),
  ]
    .filter((paragraph) => paragraph !== '')
    .join('\n\n');
}

function limit({ phase, deadline, outageBudget }: PromotionStatus): string {
  return phase !== 'outage' || deadline === null
    ? ''
    : `The standby has to be open by **${deadline}** (${outageBudget ?? 'its budget'} after the fence); otherwise everything is undone`;
}

function howToStop({ workflowId, phase }: PromotionStatus): string {
  if (phase !== 'before-the-switch' && phase !== 'outage') return '';
  const command = `sequence-failover reject ${shellQuoted(workflowId)} --by "$USER" --reason 'called off'`;
  return `To call it off: ${markdownCode(command)}`;
}

/** The workflow does not learn why an attempt of an undo has failed; Temporal shows that at the pending activity. */
function notUndone(changes: readonly PromotionChange[], isTried: boolean): string {
  if (changes.length === 0) return '';
  const list = changes.map(({ where, what, undo, failure }) => {
    const why = failure === null ? '' : ` (${markdownCode(failure)})`;
    return `- Not undone${where === 'shell' ? '' : ` on the ${where}`}: ${what}${why}${isTried ? '' : `, by hand: ${markdownCode(undo.join(' '))}`}`;
  });
  const repeated = 'Each undo is repeated until it succeeds. The pending activities show why one fails.';
  return [...list, ...(isTried ? ['', repeated] : [])].join('\n');
}

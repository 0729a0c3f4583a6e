import type { Colors } from 'picocolors/types.js';
import type { PromotionStatus, PromotionStep, PromotionStepName, StepState } from '../contract/promotion.js';
import { secondsBetween, timeText } from '../sequences/time-text.js';

/** A description of each step of a promotion. With its state it fits into a terminal of 80 columns. */
export const PROMOTION_STEPS: Record<PromotionStepName, string> = {
  check: 'check privileges and guardrails; read only',
  synchronize: 'every sequence ahead, standby caught up',
  wayBack: 'publication, slot; a test connection',
  fence: 'the primary takes no writes',
  confirm: 'the standby has confirmed the last LSN',
  verify: 'read every sequence while fenced',
  beforeSwitch: 'a workflow of yours may veto',
  open: 'the standby takes writes',
  traffic: 'move the clients',
  enableWayBack: 'the old primary receives from the new one',
};

/** Steps that a rehearsal only measures: it changes nothing on the primary, and does not open the standby. */
const MEASURED: readonly PromotionStepName[] = ['fence', 'open'];

const marks: Record<StepState, string> = {
  ...{ pending: '·', running: '▸', done: '✓', skipped: '-' },
  ...{ failed: '✗', undoing: '↶', undone: '↶' },
};

/** Columns of the name of a step, and of its state. */
const NAME_WIDTH = 14;
const STATE_WIDTH = 20;

interface Style {
  colors: Colors;
  /** Milliseconds since the epoch; null if the promotion is closed, so that no step is running any more. */
  now: number | null;
}

/** A line for each step: its state, its duration, and its description. */
export function stepLines(
  { steps, rehearsal }: Pick<PromotionStatus, 'steps' | 'rehearsal'>,
  { colors, now }: Style,
): string[] {
  const color = {
    ...{ pending: colors.dim, running: colors.bold, done: colors.green, skipped: colors.dim },
    ...{ failed: colors.red, undoing: colors.yellow, undone: colors.yellow },
  };
  return steps.map((step) => {
    const { step: name, state } = step;
    const text = stateText(step, now).padEnd(STATE_WIDTH);
    const measured = rehearsal && MEASURED.includes(name) ? 'only measured: ' : '';
    return `${color[state](`${marks[state]} ${name.padEnd(NAME_WIDTH)} ${text}`)} ${colors.dim(`${measured}${PROMOTION_STEPS[name]}`)}`;
  });
}

function stateText({ state, startedAt, ms }: PromotionStep, now: number | null): string {
  if (state === 'pending') return '';
  if (now === null && (state === 'running' || state === 'undoing')) return 'not ended';
  if (state === 'running' && startedAt !== null && now !== null) {
    const seconds = secondsBetween(Date.parse(startedAt), now);
    return seconds === 0n ? state : `${state}, ${timeText(seconds)}`;
  }
  return ms === null || state === 'skipped' ? state : `${state}, ${ms} ms`;
}

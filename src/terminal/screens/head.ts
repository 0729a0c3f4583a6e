import { plural } from '../../contract/plural.js';
import { type Canvas, type HeadLine, ranked } from './screen.js';
import { printable } from '../../contract/printable.js';
import { LABEL_WIDTH } from '../labelled.js';
import { stepInWords } from '../step-in-words.js';
import { wrap } from '../text-table.js';

/** A step that failed and that Temporal is retrying. */
export interface Retried {
  /** The type of the activity. */
  step: string;
  attempt: number;
  message: string | null;
}

/** The facts that every screen shows about a workflow. */
export interface WorkflowView<Status> {
  workflowId: string;
  status: Status;
  /** The steps that Temporal is retrying. */
  retries: readonly Retried[];
  /** Why the status is not up to date; null if it is. */
  trouble: string | null;
}

/** The most retried steps that a screen shows. */
const RETRIES_SHOWN = 3;

/** The name of the workflow, its phase and the time; below that its owner, and why the screen may be out of date. */
export function titleLines(
  {
    title,
    doing,
    details,
    trouble,
  }: { title: string; doing: string; details: readonly (string | null)[]; trouble: string | null },
  { colors, now }: Canvas,
): HeadLine[] {
  const known = details.filter((one) => one !== null && one !== '');
  const time = new Date(now).toISOString().replace(/\.\d+/u, '');
  return [
    ...ranked('needed', [`${colors.bold(printable(title))}  ${colors.cyan(doing)}  ${colors.dim(time)}`]),
    ...ranked('detail', [colors.dim(printable(known.join(', ')))]),
    ...ranked('needed', trouble === null ? [] : [colors.red(printable(trouble))]),
  ];
}

/** The steps that Temporal is retrying, each with the reason of the last failure below it, in at most two lines. */
export function retryLines(
  retries: readonly Retried[],
  { colors, width }: Pick<Canvas, 'colors' | 'width'>,
): string[] {
  const shown = retries.slice(0, RETRIES_SHOWN);
  const more = retries.length - shown.length;
  const indent = ' '.repeat(LABEL_WIDTH);
  return [
    ...shown.flatMap(({ step, attempt, message }) => {
      const [first, ...rest] = message === null ? [] : wrap(printable(message), width - LABEL_WIDTH);
      // A screen cuts a line that is too long, and marks that.
      const reason = first === undefined ? [] : [first, ...(rest.length === 0 ? [] : [rest.join(' ')])];
      return [
        `retrying   ${printable(stepInWords(step))}, attempt ${attempt}`,
        ...reason.map((line) => `${indent}${line}`),
      ];
    }),
    ...(more > 0 ? [`${indent}and ${plural(more, 'more step')}`] : []),
  ].map((line) => colors.yellow(line));
}

import type { Canvas } from './screen.js';
import { printable } from '../printable.js';

/** A step that has failed and is tried again. */
export interface Retried {
  step: string;
  attempt: number;
  message: string | null;
}

/** What every screen shows a workflow by. */
export interface Watched<Status> {
  workflowId: string;
  status: Status;
  /** Steps that Temporal tries again. */
  retries: readonly Retried[];
  /** Why the status is not up to date; null if it is. */
  trouble: string | null;
}

/** As many steps as a screen shows that are tried again. */
const RETRIES_SHOWN = 3;

/** What is watched, what it does, and the time; below it whose it is, and why the screen may be old. */
export function titleLines(
  {
    title,
    doing,
    about,
    trouble,
  }: { title: string; doing: string; about: readonly (string | null)[]; trouble: string | null },
  { colors, now }: Canvas,
): string[] {
  const known = about.filter((one) => one !== null && one !== '');
  return [
    `${colors.bold(printable(title))}  ${colors.cyan(doing)}  ${colors.dim(new Date(now).toISOString().replace(/\.\d+/u, ''))}`,
    colors.dim(printable(known.join(', '))),
    ...(trouble === null ? [] : [colors.red(printable(trouble))]),
  ];
}

/** Steps that Temporal tries again, with the reason of the last failure. */
export function retryLines(retries: readonly Retried[], { colors }: Canvas): string[] {
  const shown = retries.slice(0, RETRIES_SHOWN);
  const more = retries.length - shown.length;
  return [
    ...shown.map(({ step, attempt, message }) =>
      colors.yellow(
        `retrying   ${printable(step)}, attempt ${attempt}${message === null ? '' : `: ${printable(message)}`}`,
      ),
    ),
    ...(more > 0 ? [colors.yellow(`           and ${more} more steps`)] : []),
  ];
}

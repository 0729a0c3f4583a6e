import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { RetriedStep, Snapshot } from '../../client/failover-run.js';
import type { Canvas } from '../../terminal/screens/screen.js';
import { EXIT } from '../exit-codes.js';
import type { Output } from '../output.js';
import type { Place } from '../temporal-client.js';
import { LiveScreen } from './live-screen.js';
import { describeTrouble } from './trouble.js';
import { printable } from '../../contract/printable.js';
import { shellQuoted } from '../../contract/shell.js';

/** Milliseconds between two queries. The first ones are close together, since much happens in the first second. */
const firstIntervalMs = 100;
const intervalMs = 1_000;
/** Milliseconds after which a query counts as lost. Temporal's own timeout for a query is shorter. */
const answerWithinMs = 30_000;
/** Milliseconds without an answer after which a screen shows the trouble. */
const silenceAfterMs = 4_000;

/** The last known state of a workflow. */
export interface View<S> {
  status: S;
  retries: readonly RetriedStep[];
  /** Why the state is not up to date; null if it is. */
  trouble: string | null;
}

/** A workflow that a command follows. */
export interface Followed<S> {
  readonly workflowId: string;
  snapshot(): Promise<Snapshot<S>>;
  /** The lines of a screen. */
  screen(view: View<S>, canvas: Canvas): readonly string[];
  /** Lines, each with a key. A line that differs from the last one with its key is news for a person. */
  lines(status: S): readonly (readonly [name: string, line: string])[];
  /** Whether its outcome is decided, so that only its end is awaited. */
  isOver(status: S): boolean;
  /** Prints how it has ended. @returns the exit code */
  showEnding(output: Output): Promise<number>;
}

export interface FollowOptions<S> {
  client: Client;
  place: Place;
  /** When to stop before the workflow ends; default: never. */
  until?: (status: S) => boolean;
  /** Shows a screen if there is a terminal; default: lines. */
  live?: boolean;
}

/**
 * Follows a workflow until it has ended: with a screen on a terminal, otherwise with a line on stderr for each change. If Temporal does not
 * answer, the query is repeated.
 *
 * @returns the last status if `until` has stopped it; null if the workflow has ended
 */
export async function follow<S>(
  output: Output,
  followed: Followed<S>,
  { client, place, until = () => false, live = false }: FollowOptions<S>,
): Promise<S | null> {
  const display = live && output.isLive ? onScreen(output, followed) : inLines(output, followed);
  let pause = firstIntervalMs;
  try {
    for (;;) {
      const snapshot = await askUntilAnswered(client, place, () => followed.snapshot(), display.trouble);
      if (!snapshot.isOpen) return null;
      const { status, retries } = snapshot;
      display.view({ status, retries, trouble: null });
      if (followed.isOver(status)) return null;
      if (until(status)) return status;
      await delay(pause);
      pause = Math.min(intervalMs, pause * 1.5);
    }
  } finally {
    display.close();
  }
}

/**
 * Prints the ending as soon as it is known, even if Temporal has to be asked several times.
 *
 * @returns the exit code
 */
export async function showEndingOf(
  output: Output,
  followed: Pick<Followed<unknown>, 'showEnding'>,
  { client, place }: Pick<FollowOptions<unknown>, 'client' | 'place'>,
): Promise<number> {
  return askUntilAnswered(
    client,
    place,
    () => followed.showEnding(output),
    (trouble) => {
      output.note(trouble);
    },
    null,
  );
}

/**
 * Repeats the query until there is an answer.
 *
 * @throws an error after which another query would not help
 */
async function askUntilAnswered<T>(
  client: Client,
  { address }: Place,
  question: () => Promise<T>,
  onTrouble: (trouble: string) => void,
  within: number | null = answerWithinMs,
): Promise<T> {
  for (;;) {
    try {
      return within === null
        ? await question()
        : await client.connection.withDeadline(Date.now() + within, question);
    } catch (error) {
      const trouble = describeTrouble(error, address);
      if (trouble === null) throw error;
      onTrouble(trouble);
    }
    await delay(intervalMs);
  }
}

interface Display<S> {
  view: (view: View<S>) => void;
  trouble: (trouble: string) => void;
  close: () => void;
}

function onScreen<S>(output: Output, followed: Followed<S>): Display<S> {
  let last: View<S> | null = null;
  let trouble: string | null = null;
  let answeredAt = Date.now();
  const screen = new LiveScreen(output, (canvas) => {
    const silence = canvas.now - answeredAt;
    const silent =
      silence > silenceAfterMs ? `No answer for ${Math.round(silence / 1000)} seconds; still trying` : null;
    const why =
      trouble === null ? silent : `${trouble} (trying again for ${Math.round(silence / 1000)} seconds)`;
    return last === null
      ? [why ?? `Looking at ${printable(followed.workflowId)} …`]
      : followed.screen({ ...last, trouble: why }, canvas);
  });
  const stopListening = onInterrupt(output, followed, () => {
    screen.close('keep');
  });
  screen.redraw();
  return {
    view: (view) => {
      last = view;
      trouble = null;
      answeredAt = Date.now();
      screen.redraw();
    },
    trouble: (text) => {
      trouble = text;
      screen.redraw();
    },
    close: () => {
      stopListening();
      // The next lines repeat all of it.
      screen.close('erase');
    },
  };
}

/** Ctrl+C ends the command, and not the workflow. @returns a function that takes this back */
function onInterrupt(
  output: Output,
  { workflowId }: Pick<Followed<unknown>, 'workflowId'>,
  before: () => void = () => undefined,
): () => void {
  const interrupted = () => {
    before();
    output.note(
      `Stopped watching; ${printable(workflowId)} goes on. Watch it again: sequence-failover watch ${shellQuoted(workflowId)}`,
    );
    process.exit(EXIT.interrupted);
  };
  process.once('SIGINT', interrupted);
  return () => process.off('SIGINT', interrupted);
}

function inLines<S>(output: Output, followed: Followed<S>): Display<S> {
  const stopListening = onInterrupt(output, followed);
  const told = new Map<string, string>();
  const tell = (name: string, line: string) => {
    if (line !== (told.get(name) ?? '')) output.note(`${new Date().toISOString()} ${line}`);
    told.set(name, line);
  };
  return {
    view: ({ status, retries }) => {
      for (const [name, line] of followed.lines(status)) tell(name, line);
      for (const { step, message } of retries)
        tell(`retry of ${step}`, `${step} failed and is tried again: ${message ?? 'no reason is known'}`);
      told.delete('trouble');
    },
    trouble: (trouble) => {
      tell('trouble', trouble);
    },
    close: stopListening,
  };
}

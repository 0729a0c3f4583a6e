import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { RetriedStep, Snapshot } from '../../client/failover-run.js';
import type { Canvas } from '../../terminal/screens/screen.js';
import { EXIT } from '../exit-codes.js';
import type { Output } from '../output.js';
import type { Place } from '../temporal-client.js';
import { stepInWords } from '../../terminal/step-in-words.js';
import { LiveScreen } from './live-screen.js';
import { askUntilAnswered, INTERVAL_MS } from './ask-until-answered.js';
import { printable } from '../../contract/printable.js';
import { shellQuoted } from '../../contract/shell.js';
import { LimitOver, TimeLimit, TimeOverError } from '../time-limit.js';

/** Milliseconds between two queries. The first ones are close together, since much happens in the first second. */
const FIRST_INTERVAL_MS = 100;
/** Milliseconds without an answer after which a screen shows the trouble. */
const SILENCE_AFTER_MS = 4_000;

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
  /** The JSON of a workflow that is open. @param status null if it is not known */
  asJson(status: S | null): object;
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
  /** When to stop waiting; default: never. */
  limit?: TimeLimit | undefined;
  /** What has not happened when the limit is over, and what the person does then. */
  whenOver?: TimeOverText;
}

interface TimeOverText {
  /** Such as "is not at its gate". */
  what: string;
  /** A sentence with a command. */
  next: string;
}

/**
 * Follows a workflow until it has ended: with a screen on a terminal, otherwise with a line on stderr for each change. If Temporal does not
 * answer, the query is repeated.
 *
 * @returns the last status if `until` has stopped it; null if the workflow has ended
 * @throws TimeOverError if neither has happened within the limit
 */
export async function follow<S>(
  output: Output,
  followed: Followed<S>,
  {
    client,
    place,
    until = () => false,
    live = false,
    limit = new TimeLimit(undefined),
    whenOver,
  }: FollowOptions<S>,
): Promise<S | null> {
  const display = live && output.isLive ? onScreen(output, followed) : inLines(output, followed);
  let pause = FIRST_INTERVAL_MS;
  let last: S | null = null;
  try {
    for (;;) {
      const snapshot = await askUntilAnswered(client, place, () => followed.snapshot(), {
        onTrouble: display.trouble,
        limit,
      });
      if (!snapshot.isOpen) return null;
      const { status, retries } = snapshot;
      last = status;
      display.view({ status, retries, trouble: null });
      if (followed.isOver(status)) return null;
      if (until(status)) return status;
      await limit.within(delay(pause));
      pause = Math.min(INTERVAL_MS, pause * 1.5);
    }
  } catch (error) {
    if (!(error instanceof LimitOver)) throw error;
    display.keep();
    throw timeOver(followed, last, limit, whenOver);
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
  followed: Pick<Followed<unknown>, 'showEnding' | 'workflowId' | 'asJson'>,
  { client, place, limit }: Pick<FollowOptions<unknown>, 'client' | 'place' | 'limit'>,
): Promise<number> {
  try {
    return await askUntilAnswered(client, place, () => followed.showEnding(output), {
      onTrouble: (trouble) => {
        output.note(trouble);
      },
      limit,
      within: null,
    });
  } catch (error) {
    throw error instanceof LimitOver ? timeOver(followed, null, limit) : error;
  }
}

/**
 * The present state of a workflow, before something is sent to it. It asks until a worker answers.
 *
 * @throws TimeOverError if none has answered within the limit
 */
export async function stateBefore<S>(
  output: Output,
  followed: Followed<S>,
  { client, place, limit }: Pick<FollowOptions<S>, 'client' | 'place' | 'limit'>,
): Promise<Snapshot<S>> {
  let told = '';
  try {
    return await askUntilAnswered(client, place, () => followed.snapshot(), {
      onTrouble: (trouble) => {
        if (trouble !== told) output.note(trouble);
        told = trouble;
      },
      limit,
    });
  } catch (error) {
    if (!(error instanceof LimitOver)) throw error;
    throw timeOver(followed, null, limit, {
      what: 'has not answered',
      next: 'Nothing was sent. If no worker runs, start one: sequence-failover worker',
    });
  }
}

/** Follows a workflow to its end, with a screen on a terminal, and prints the ending. @returns the exit code */
export async function followToEnd<S>(
  output: Output,
  followed: Followed<S>,
  where: Pick<FollowOptions<S>, 'client' | 'place' | 'limit'>,
): Promise<number> {
  await follow(output, followed, { ...where, live: true });
  return showEndingOf(output, followed, where);
}

function timeOver<S>(
  { workflowId, asJson }: Pick<Followed<S>, 'workflowId' | 'asJson'>,
  status: S | null,
  limit: TimeLimit | undefined,
  whenOver: TimeOverText = {
    what: 'has not ended',
    next: `Go on waiting: sequence-failover watch ${shellQuoted(workflowId)}`,
  },
): TimeOverError {
  return new TimeOverError(
    printable(
      `${workflowId} ${whenOver.what} after --timeout ${limit?.text ?? ''}, and goes on. ${whenOver.next}`,
    ),
    { ...asJson(status), timedOut: true },
  );
}

interface Display<S> {
  view: (view: View<S>) => void;
  trouble: (trouble: string) => void;
  /** Leaves what is shown, because nothing repeats it. */
  keep: () => void;
  close: () => void;
}

function onScreen<S>(output: Output, followed: Followed<S>): Display<S> {
  let last: View<S> | null = null;
  let trouble: string | null = null;
  let answeredAt = Date.now();
  const screen = new LiveScreen(output, (canvas) => {
    const silence = canvas.now - answeredAt;
    const silent =
      silence > SILENCE_AFTER_MS ? `No answer for ${Math.round(silence / 1000)} seconds; still trying` : null;
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
  // The next lines repeat all of it.
  let atEnd: 'keep' | 'erase' = 'erase';
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
    keep: () => {
      atEnd = 'keep';
    },
    close: () => {
      stopListening();
      screen.close(atEnd);
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
        tell(
          `retry of ${step}`,
          printable(`Trying again to ${stepInWords(step)}: ${message ?? 'no reason is known'}`),
        );
      told.delete('trouble');
    },
    trouble: (trouble) => {
      tell('trouble', trouble);
    },
    keep: () => undefined,
    close: stopListening,
  };
}

import { userInfo } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { playWithoutPrimary } from './lost.js';
import { play } from './play.js';
import { takeLease } from '../local/reaper.js';
import { CancelledError } from './scene.js';
import { Screen } from './screen.js';
import { ServerEndedError, Servers, WORKER } from './servers.js';
import { setUp } from './stage.js';
import { errorText } from '../terminal/error-text.js';

/** The options of the demo. */
export interface DemoOptions {
  /** Approve at the gate without asking. */
  yes?: true;
  /** Keep everything running at the end, until Ctrl+C. */
  keep?: true;
  /** Kill the primary, and continue without it. */
  lost?: true;
}

const EXIT_INTERRUPTED = 130;

/**
 * Starts the servers, plays the whole demo, stops the servers, and ends the process: with 0 if everything was shown, with 1 if something
 * failed, and with 130 on Ctrl+C.
 *
 * @param command the command that started the demo, for its texts
 */
export async function runDemo(options: DemoOptions, command: string): Promise<never> {
  const { yes = false, keep = false, lost = false } = options;
  const startedAt = performance.now();
  const screen = new Screen();
  const notAsked = yes ? '--yes was given' : screen.interactive ? null : 'there is no terminal to ask on';

  let exitCode: number | undefined;
  process.on('exit', (code) => {
    // clack ends the process with 0 when Ctrl+C is pressed beside a spinner.
    process.exitCode = exitCode ?? (code === 0 ? EXIT_INTERRUPTED : code);
  });
  // The reader of the output has closed the pipe, for example `head`.
  process.stdout.on('error', () => process.exit(1));

  // Held until the end, so that the reaper handles a signal at any time.
  const lease = takeLease('demo', () => Promise.resolve());
  const ending = new AbortController();
  let signalled = false;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      signalled = true;
      ending.abort();
      if (!screen.interrupt('Stopping everything')) screen.outro('Stopping everything');
    });
  }

  const servers = new Servers();
  const show = async (): Promise<number> => {
    screen.intro('sequence-failover');
    const stage = await setUp(screen, servers);
    const scene = { screen, stage, by: userName(), notAsked, signal: ending.signal, command };
    await (lost ? playWithoutPrimary(scene, servers, keep) : play(scene, keep));
    if (keep) {
      screen.heading('All of it goes on running: Ctrl+C ends it');
      exitCode = 0;
      await new Promise(() => undefined);
    }
    return 0;
  };
  /** Shows the failure, and returns the exit code. */
  const explain = async (error: unknown): Promise<number> => {
    // Errors after a signal are caused by the servers that the reaper has stopped. The reaper then ends this process.
    if (signalled) return new Promise(() => undefined);
    if (error instanceof CancelledError) return EXIT_INTERRUPTED;
    ending.abort();
    screen.interrupt('Failed');
    const cause = await causeOf(error, servers);
    // The worker's log is the best explanation of a failed run.
    const server = cause instanceof ServerEndedError ? cause.server : WORKER;
    const log = servers.logTail(server);
    screen.failure([errorText(cause), ...(log.length === 0 ? [] : [`${server}'s log ends with:`, ...log])]);
    return 1;
  };

  const code = await Promise.race([show(), servers.watch()]).catch(explain);
  await screen.step(
    'Stopping everything',
    () => servers.stop(),
    () => ['Everything is stopped and removed'],
  );
  await lease.release();
  screen.outro(`Ended after ${Math.round((performance.now() - startedAt) / 1_000)} seconds`);
  exitCode = code;
  process.exit();
}

/** If a server has ended, that is the better explanation. It may be noticed later than the errors that it caused. */
async function causeOf(error: unknown, servers: Servers): Promise<unknown> {
  await delay(300);
  try {
    servers.assertRunning();
    return error;
  } catch (ended) {
    return ended;
  }
}

/** A container may run as a user id without a name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? '?'}`;
  }
}

import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { Writable } from 'node:stream';
import type { OsUser } from './os-user.js';
import type { Lease } from './reaper.js';

/** How a process ended. One of the two is not null. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface ServerProcessOptions {
  readonly lease: Lease;
  readonly command: string;
  readonly args: readonly string[];
  /** File that stdout and stderr are appended to. */
  readonly log: string;
  /** Ends the process gracefully. */
  readonly stopSignal: NodeJS.Signals;
  /** The operating system user of the process. Default: the current user. */
  readonly user?: OsUser | undefined;
  readonly env?: NodeJS.ProcessEnv;
}

/** A child process with its own process group, so that a Ctrl-C in the terminal reaches only its parent. */
export interface ServerProcess {
  readonly pid: number;
  /** Null while it runs. */
  ending(): Ending | null;
  /** Resolves when the process has ended, for any reason. Keeps Node.js running until then. */
  wait(): Promise<Ending>;
  /** Sends the stop signal and, if it still runs after 10 seconds, SIGKILL to its group. */
  stop(): Promise<Ending>;
  /** Sends SIGKILL to its group. */
  kill(): Promise<Ending>;
  /** The end of the log. */
  logTail(): string;
}

/** How long a process may take to end, in milliseconds, before it is killed. */
const GRACE_PERIOD_MS = 10_000;

/** The shell runs the command only after a message on stdin. If this process is killed before it has registered the child, the command never runs. */
const waitToRun = 'read -r _ && exec "$@" </dev/null';

/**
 * Starts a process that does not keep Node.js running and ends when Node.js ends. If the command cannot be run, the process
 * ends with code 126 or 127, and the log has the reason.
 *
 * @throws Error if the lease has been released
 */
export async function startProcess(options: ServerProcessOptions): Promise<ServerProcess> {
  const { lease, command, args, log, stopSignal, user, env } = options;
  if (lease.isReleased()) throw new Error(`${command} is not started: its temporary folder is gone.`);
  const logFile = openSync(log, 'a');
  const child = spawn('/bin/sh', ['-c', waitToRun, 'sh', command, ...args], {
    // The other user may not be allowed to enter the current directory.
    cwd: '/',
    detached: true,
    stdio: ['pipe', logFile, logFile],
    ...(user && { uid: user.uid, gid: user.gid }),
    ...(env && { env }),
  });
  closeSync(logFile);
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  const { pid } = child;
  if (pid === undefined || !(child.stdin instanceof Writable)) throw new Error(`${command} was not started.`);
  lease.own(pid, stopSignal);
  // The process may have been killed in the meantime. Its exit event will show this.
  child.stdin.on('error', () => undefined);
  child.stdin.end('\n');
  child.unref();

  let ending: Ending | null = null;
  const ended = new Promise<Ending>((resolve) => {
    child.once('exit', (code, signal) => {
      lease.disown(pid);
      ending = { code, signal };
      resolve(ending);
    });
  });

  const send = (signal: NodeJS.Signals) => {
    if (ending) return;
    try {
      process.kill(-pid, signal);
    } catch (error) {
      // The process has just ended, and its exit event will follow.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  };
  const wait = async () => {
    child.ref();
    return await ended;
  };
  return {
    pid,
    ending: () => ending,
    wait,
    stop: async () => {
      send(stopSignal);
      // A test may have suspended it.
      send('SIGCONT');
      const force = setTimeout(send, GRACE_PERIOD_MS, 'SIGKILL');
      return await wait().finally(() => {
        clearTimeout(force);
      });
    },
    kill: async () => {
      send('SIGKILL');
      return await wait();
    },
    logTail: () => readFileSync(log, 'utf8').slice(-4_000).trimEnd(),
  };
}

/** Such as `ended with code 1`. */
export function describeEnding({ code, signal }: Ending): string {
  return signal === null ? `ended with code ${code ?? 'unknown'}` : `was ended by ${signal}`;
}

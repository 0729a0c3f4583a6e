import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { shortLived } from '../../node-options.js';
import type { CommandResult } from './temporal-cli.js';

/** How many commands run at the same time in processes that run more than one. */
const MOST = 3;

/** Milliseconds after which a command is killed. It is less than a test has, so that the test fails with what the command said. */
export const LONGEST_MS = 240_000;

/** How long a process waits for the next command, in milliseconds. */
const IDLE_MS = 20_000;

type Answer = Omit<CommandResult, 'code'> & {
  /** Null if the command did not end in time. */
  code: number | null;
};

/**
 * Processes that have loaded the command, and run it many times, each of them one command at a time. Nobody has to end them: they end with
 * this process.
 */
export class CommandHosts {
  readonly #idle = new Map<ChildProcess, NodeJS.Timeout>();
  #count = 0;

  /** @param program the command's main module */
  constructor(private readonly program: string) {}

  /** Whether another command can run here now. */
  hasRoom(): boolean {
    return this.#idle.size > 0 || this.#count < MOST;
  }

  /**
   * @param env all of the command's environment
   * @throws Error with what the command said, if it does not end
   */
  async run(
    args: readonly string[],
    env: Readonly<Record<string, string | undefined>>,
  ): Promise<CommandResult> {
    const host = this.#take() ?? (await this.#start());
    const ended = new AbortController();
    const { signal } = ended;
    const dies = once(host, 'exit', { signal }).then(([code]) => {
      this.#count -= 1;
      throw new Error(`the process of the command ${args.join(' ')} ended with ${String(code)}`);
    });
    const answers = once(host, 'message', { signal }) as Promise<[Answer]>;
    host.send({ args, env, longestMs: LONGEST_MS });
    try {
      const [{ code, stdout, stderr }] = await Promise.race([answers, dies]);
      if (code === null) {
        host.kill('SIGKILL');
        this.#count -= 1;
        throw new Error(`${args.join(' ')} was killed.\n${stdout}\n${stderr}`);
      }
      this.#putBack(host);
      return { code, stdout, stderr };
    } finally {
      ended.abort();
      await Promise.allSettled([answers, dies]);
    }
  }

  #take(): ChildProcess | undefined {
    for (const [host, timer] of this.#idle) {
      clearTimeout(timer);
      this.#idle.delete(host);
      host.ref();
      host.channel?.ref();
      return host;
    }
    return undefined;
  }

  #putBack(host: ChildProcess): void {
    const end = () => {
      this.#idle.delete(host);
      this.#count -= 1;
      host.disconnect();
    };
    this.#idle.set(host, setTimeout(end, IDLE_MS).unref());
    host.unref();
    host.channel?.unref();
  }

  async #start(): Promise<ChildProcess> {
    this.#count += 1;
    const host = fork(path.join(import.meta.dirname, 'command-host.js'), [this.program], {
      execArgv: [...shortLived],
      env: { HOME: '/nonexistent', PATH: process.env['PATH'] },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    await once(host, 'message');
    return host;
  }
}

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import type { CommandResult } from '../stage/temporal-cli.js';

/** One bash for a whole page, so that variables and functions of a block are there in the next, as for a person who types them. */
export class Shell {
  readonly #folder = mkdtempSync(path.join(tmpdir(), 'sequence-failover-shell-'));
  readonly #bash: ChildProcess;
  readonly #answers: Interface;

  /** @param cwd where files go that a page writes */
  constructor(env: Record<string, string | undefined>, cwd: string) {
    const bash = spawn('bash', ['--noprofile', '--norc'], { env, cwd, stdio: ['pipe', 'pipe', 'ignore'] });
    this.#bash = bash;
    this.#answers = createInterface({ input: bash.stdout });
  }

  /** @param text one command or several; the exit code is that of the last */
  async run(text: string): Promise<CommandResult> {
    const [script, stdout, stderr] = ['script', 'stdout', 'stderr'].map((name) =>
      path.join(this.#folder, name),
    ) as [string, string, string];
    writeFileSync(script, text);
    const answered = once(this.#answers, 'line') as Promise<[string]>;
    this.#bash.stdin?.write(`. '${script}' </dev/null >'${stdout}' 2>'${stderr}'; echo "$?"\n`);
    const [code] = await answered;
    return {
      code: Number(code),
      stdout: readFileSync(stdout, 'utf8'),
      stderr: readFileSync(stderr, 'utf8'),
    };
  }

  async end(): Promise<void> {
    const closed = once(this.#bash, 'close');
    this.#bash.stdin?.end();
    await closed;
    rmSync(this.#folder, { recursive: true });
  }
}

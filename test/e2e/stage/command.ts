import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, vi } from 'vitest';
import { shortLived } from '../../node-options.js';
import { CommandHosts, LONGEST_MS } from './command-hosts.js';
import type { CommandResult } from './temporal-cli.js';

/** The command, as it was built. */
export const program = path.resolve(import.meta.dirname, '../../../dist/src/cli/main.js');

/** A shell script that runs the command: for a PATH, under any name. */
export const commandScript = `#!/bin/sh\nexec '${process.execPath}' ${shortLived.join(' ')} '${program}' "$@"\n`;

const hosts = new CommandHosts(program);

/** The command with the settings of a worker, and without those of whoever runs the tests. */
export function commandWith(settings: () => Record<string, string>) {
  const environment = () => ({ HOME: '/nonexistent', PATH: process.env['PATH'], ...settings() });

  /** As a person or a script runs it, without a terminal: a process of its own, which can be sent signals. */
  const begin = (...args: string[]): { child: ChildProcess; answer: Promise<CommandResult> } => {
    const child = spawn(process.execPath, [...shortLived, program, ...args], {
      env: environment(),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return { child, answer: answerOf(child, args) };
  };

  /** On a terminal of 80 columns and 24 rows, without colours. */
  const onTerminal = (args: string) => {
    const line = `stty cols 80 rows 24; exec ${process.execPath} ${shortLived.join(' ')} ${program} ${args}`;
    const env = { ...environment(), TERM: 'xterm', NO_COLOR: '1' };
    const child = spawn('script', ['-qefc', line, '/dev/null'], { env, stdio: ['pipe', 'pipe', 'inherit'] });
    onTestFinished(() => {
      child.kill();
    });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const answer = once(child, 'close').then(([code]) => ({ code: code as number, output }));
    const shows = (part: string) =>
      vi.waitFor(() => {
        expect(output).toContain(part);
      }, 120_000);
    return { answer, shows, type: (keys: string) => child.stdin.write(keys) };
  };

  /** The same output and exit code, in a process that has run other commands before if there is one. Tracing is set up once in a process. */
  const command = (...args: string[]): Promise<CommandResult> => {
    const env = environment();
    const isTraced = Object.keys(env).some((name) => name.startsWith('OTEL_'));
    return isTraced || !hosts.hasRoom() ? begin(...args).answer : hosts.run(args, env);
  };

  return { begin, onTerminal, environment, command };
}

/** What the command has said when it has ended. One that does not end is killed, and what it said is in the error. */
async function answerOf(
  child: ChildProcessByStdio<null, Readable, Readable>,
  args: string[],
): Promise<CommandResult> {
  const timer = setTimeout(() => child.kill('SIGKILL'), LONGEST_MS);
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  clearTimeout(timer);
  if (child.signalCode === 'SIGKILL') throw new Error(`${args.join(' ')} was killed.\n${stdout}\n${stderr}`);
  return { code: child.exitCode as number, stdout, stderr };
}

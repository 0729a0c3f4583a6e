import { execFile } from 'node:child_process';
import { decodePayload, type EncodedPayload } from './payloads.js';

/** The output and the exit code of a command. */
export interface CommandResult {
  code: number;
  stdout: string;
  stderr: string;
}

/** The longest time that a run of a test may take, in milliseconds. */
const COMMAND_TIMEOUT = 50_000;

/** The real `temporal` command, as a person or a script uses it: JSON on stdout, the error on stderr. */
export class TemporalCli {
  constructor(
    readonly program: string,
    readonly address: string,
    private readonly flags: readonly string[] = [],
  ) {}

  /** The same, with these flags on every command. */
  with(...flags: string[]): TemporalCli {
    return new TemporalCli(this.program, this.address, [...this.flags, ...flags]);
  }

  /** Runs a command, whatever its exit code. */
  attempt(...args: string[]): Promise<CommandResult> {
    // The CLI's output for people shows an empty array as null. The payloads are exact.
    const options = ['--address', this.address, '--output', 'json', '--no-json-shorthand-payloads'];
    return new Promise((resolve, reject) => {
      execFile(
        this.program,
        [...args, ...options, ...this.flags],
        { env: { HOME: '/nonexistent' }, timeout: COMMAND_TIMEOUT, maxBuffer: 100e6 },
        (error, stdout, stderr) => {
          const code = error === null ? 0 : error.code;
          if (typeof code === 'number') resolve({ code, stdout, stderr });
          else
            reject(
              new Error(`temporal ${args.join(' ')} did not end by itself: ${stderr}`, { cause: error }),
            );
        },
      );
    });
  }

  /** Runs a command that has to succeed, and returns its JSON. */
  async json<T>(...args: string[]): Promise<T> {
    const { code, stdout, stderr } = await this.attempt(...args);
    if (code !== 0) throw new Error(`temporal ${args.join(' ')} exited with ${code}: ${stderr.trim()}`);
    return JSON.parse(stdout) as T;
  }

  /** Asks a workflow. @throws Error with what the CLI wrote to stderr */
  async query<T>(workflowId: string, type: string, ...input: string[]): Promise<T> {
    const answer = await this.json<{ queryResult: { payloads: EncodedPayload[] } }>(
      ...['workflow', 'query', '--workflow-id', workflowId, '--type', type, ...input],
    );
    return decodePayload(answer.queryResult.payloads[0]) as T;
  }
}

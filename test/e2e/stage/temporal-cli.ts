import { execFile } from 'node:child_process';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { decodePayload, type EncodedPayload } from './payloads.js';

/** The output and the exit code of a command. */
export interface CommandResult {
  code: number;
  stdout: string;
  stderr: string;
}

/** The longest time that a run of a test may take, in milliseconds. */
const COMMAND_TIMEOUT_MS = 200_000;

/** The real `temporal` command, as a person or a script uses it: JSON on stdout, the error on stderr. */
export class TemporalCli {
  #connection: Connection | undefined;

  constructor(
    readonly program: string,
    readonly address: string,
    private readonly flags: readonly string[] = [],
  ) {}

  /** The same, with these flags on every command. */
  with(...flags: string[]): TemporalCli {
    return new TemporalCli(this.program, this.address, [...this.flags, ...flags]);
  }

  /**
   * The same workflow by a client in this process, for what a test repeats or only tidies up: each start of the command costs as much processor time as ten queries.
   * Null if flags say how payloads are decoded, which only the command can do.
   */
  inProcess(workflowId: string): WorkflowHandle | null {
    return this.flags.length > 0 ? null : this.client().workflow.getHandle(workflowId);
  }

  /** A client in this process, which sends and decodes plain payloads. It can be used until `close`. */
  client(): Client {
    this.#connection ??= Connection.lazy({ address: this.address });
    return new Client({ connection: this.#connection });
  }

  /** Closes the connection of the client in this process, if there is one. */
  async close(): Promise<void> {
    await this.#connection?.close();
    this.#connection = undefined;
  }

  /** Runs a command, whatever its exit code. */
  attempt(...args: string[]): Promise<CommandResult> {
    // The CLI's output for people shows an empty array as null. The payloads are exact.
    const options = ['--address', this.address, '--output', 'json', '--no-json-shorthand-payloads'];
    return new Promise((resolve, reject) => {
      execFile(
        this.program,
        [...args, ...options, ...this.flags],
        // It runs for a moment: to collect garbage takes a third of its processor time.
        { env: { HOME: '/nonexistent', GOGC: 'off' }, timeout: COMMAND_TIMEOUT_MS, maxBuffer: 100e6 },
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

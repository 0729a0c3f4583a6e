import { setTimeout as delay } from 'node:timers/promises';
import {
  ApplicationFailure,
  CancelledFailure,
  TerminatedFailure,
  TimeoutFailure,
  WorkflowFailedError,
  type WorkflowHandle,
} from '@temporalio/client';
import { QUERIES } from '../../../src/contract/names.js';
import type { DecideAnswer } from '../../../src/contract/gate.js';
import { until } from '../../../src/local/until.js';
import type { RunResult, SequencesAnswer, Status } from '../../../src/contract/status.js';
import { decodePayload, json, type EncodedPayload } from './payloads.js';
import type { TemporalCli } from './temporal-cli.js';

/** The ending of a run, from its closing event. */
export type Ending =
  | { status: 'COMPLETED'; result: RunResult }
  | { status: 'FAILED'; type: string; message: string; details: Status }
  | { status: 'CANCELED' | 'TERMINATED' | 'TIMED_OUT' };

export type Decision = { stands: true; answer: DecideAnswer } | { stands: false; error: string };

/** An event in protobuf's JSON format. The key of its attributes depends on its type. */
export interface HistoryEvent {
  eventId: string;
  eventType: string;
  userMetadata?: { summary?: EncodedPayload };
  [attributes: string]: unknown;
}

export interface History {
  events: HistoryEvent[];
}

interface Description {
  workflowExecutionInfo: {
    execution: { runId: string };
    firstRunId: string;
    memo?: { fields: Record<string, EncodedPayload> };
  };
}

interface Closing {
  status: string;
  closeEvent: {
    workflowExecutionCompletedEventAttributes?: { result: { payloads: EncodedPayload[] } };
    workflowExecutionFailedEventAttributes?: {
      failure: {
        message: string;
        applicationFailureInfo?: { type: string; details?: { payloads: EncodedPayload[] } };
      };
    };
  };
}

/** How long a test waits for the end of a workflow, in milliseconds: less than the time limit of a test, so that its error says more. */
const ENDING_TIMEOUT_MS = 240_000;

/** One workflow. The `temporal` command sends it what a person sends; a client in this process reads most of what the tests assert. */
export class WorkflowRun {
  constructor(
    private readonly cli: TemporalCli,
    readonly workflowId: string,
  ) {}

  status(): Promise<Status> {
    return this.ask(QUERIES.status);
  }

  sequences(...query: unknown[]): Promise<SequencesAnswer> {
    return this.ask(QUERIES.sequences, ...query);
  }

  /** Asks by the command. */
  query<T>(type: string, ...input: string[]): Promise<T> {
    return this.cli.query(this.workflowId, type, ...input);
  }

  /** Asks by the client in this process, if it can decode the answer. */
  ask<T>(type: string, ...args: unknown[]): Promise<T> {
    const handle = this.cli.inProcess(this.workflowId);
    return handle === null ? this.query(type, ...json(...args)) : handle.query<T, unknown[]>(type, ...args);
  }

  async signal(name: string, ...input: string[]): Promise<void> {
    await this.cli
      .json('workflow', 'signal', ...this.#id, '--name', name, ...input)
      .catch((error: unknown) => {
        // The command prints nothing after it has sent a signal.
        if (!(error instanceof SyntaxError)) throw error;
      });
  }

  /** Sends the update `decide` and waits for its answer. */
  async decide(...input: string[]): Promise<Decision> {
    return this.update('decide', ...input);
  }

  async update(name: string, ...input: string[]): Promise<Decision> {
    const command = ['workflow', 'update', 'execute', ...this.#id, '--name', name, ...input];
    const { code, stdout, stderr } = await this.cli.attempt(...command);
    if (code !== 0) return { stands: false, error: messageOf(stderr) };
    const { result } = JSON.parse(stdout) as { result: DecideAnswer };
    return { stands: true, answer: result };
  }

  async cancel(): Promise<void> {
    await this.cli.attempt('workflow', 'cancel', ...this.#id);
  }

  /**
   * Waits until it exists. A workflow's status may name a child that does not exist yet: the server starts the child after the workflow
   * task that asked for it.
   */
  async begun(): Promise<this> {
    const described = () => (this.cli.inProcess(this.workflowId) ?? this).describe();
    const exists = () =>
      described().then(
        () => true,
        () => false,
      );
    await until(exists, { interval: 100, what: `${this.workflowId} to be started` });
    return this;
  }

  /** Ends it, if it has not ended yet. */
  async terminate(): Promise<void> {
    const handle = this.cli.inProcess(this.workflowId);
    if (handle === null) await this.cli.attempt('workflow', 'terminate', ...this.#id);
    else await handle.terminate().catch(() => undefined);
  }

  /** Waits for the end, across runs that continue as new. @throws Error with the last status if that takes too long */
  async ending(): Promise<Ending> {
    const handle = this.cli.inProcess(this.workflowId);
    if (handle !== null) return this.#endsInTime(endingOf(handle));
    const { stdout, stderr } = await this.cli.attempt('workflow', 'result', ...this.#id);
    if (stdout === '') throw new Error(`no result of ${this.workflowId}: ${stderr}`);
    return toEnding(JSON.parse(stdout) as Closing);
  }

  /** Queries the status repeatedly until it is as wanted. */
  async until(what: string, wanted: (status: Status) => boolean | Promise<boolean>): Promise<Status> {
    let last: Status | undefined;
    const isReached = async () => {
      last = await this.ask<Status>(QUERIES.status);
      if (await wanted(last)) return last;
      if (last.phase === 'done') throw new Error('it has ended');
      return false;
    };
    return until(isReached, { interval: 50, what: `${this.workflowId}: ${what}` }).catch((cause: unknown) => {
      throw new Error(
        `${this.workflowId} never came to this: ${what}; its last status was ${JSON.stringify(last)}`,
        { cause },
      );
    });
  }

  /** Waits until the gate is open or blocked. */
  atGate(): Promise<Status> {
    return this.until('the gate opens', ({ gate }) => gate?.state === 'open' || gate?.state === 'blocked');
  }

  /** Waits until the run has looked at both sides once more than now. */
  async nextLook(): Promise<Status> {
    const { verifiedAt } = await this.status();
    return this.until('the next look', (status) => status.verifiedAt !== verifiedAt);
  }

  /** Waits until the first top-up is done: its round begins before the sequences are set, and the next look follows them. */
  async toppedUp(): Promise<Status> {
    await this.until('the top-up', ({ round }) => round === 2);
    return this.nextLook();
  }

  /** @param runId a run of a continue-as-new chain; default: the last */
  async history(runId?: string): Promise<History> {
    return this.cli.json(
      'workflow',
      'show',
      ...this.#id,
      ...(runId === undefined ? [] : ['--run-id', runId]),
    );
  }

  /** The first run and, where it continued as new, the present one. */
  async runs(): Promise<string[]> {
    const { workflowExecutionInfo: info } = await this.describe<Description>();
    return [...new Set([info.firstRunId, info.execution.runId])];
  }

  /** The decoded values by key. */
  async memo(): Promise<Record<string, unknown>> {
    const { workflowExecutionInfo: info } = await this.describe<Description>();
    const fields = Object.entries(info.memo?.fields ?? {});
    return Object.fromEntries(fields.map(([key, value]) => [key, decodePayload(value)]));
  }

  async describe<T>(): Promise<T> {
    return this.cli.json('workflow', 'describe', ...this.#id);
  }

  async #endsInTime(ending: Promise<Ending>): Promise<Ending> {
    const over = new AbortController();
    const tooLate = delay(ENDING_TIMEOUT_MS, undefined, { signal: over.signal }).then(async () => {
      const status = await this.ask<unknown>(QUERIES.status).catch(String);
      throw new Error(`${this.workflowId} does not end; its status is ${JSON.stringify(status)}`);
    });
    try {
      return await Promise.race([ending, tooLate]);
    } finally {
      over.abort();
      tooLate.catch(() => undefined);
    }
  }

  get #id(): string[] {
    return ['--workflow-id', this.workflowId];
  }
}

/** The error message of the command. Older versions print it as a log line, with escaped quotes. */
function messageOf(stderr: string): string {
  const [, logged] = /^time=\S+ level=ERROR msg=("(?:\\.|[^"\\])*")/u.exec(stderr) ?? [];
  return logged === undefined ? stderr.trim() : (JSON.parse(logged) as string);
}

/** The result of a run. Fails if the run does not complete. */
export async function completed(run: WorkflowRun): Promise<RunResult> {
  const ending = await run.ending();
  if (ending.status !== 'COMPLETED')
    throw new Error(`${run.workflowId} did not complete: ${JSON.stringify(ending)}`);
  return ending.result;
}

/** The failure of a run. Fails if the run does not fail. */
export async function failed(run: WorkflowRun): Promise<Extract<Ending, { status: 'FAILED' }>> {
  const ending = await run.ending();
  if (ending.status !== 'FAILED')
    throw new Error(`${run.workflowId} did not fail: ${JSON.stringify(ending)}`);
  return ending;
}

async function endingOf(handle: WorkflowHandle): Promise<Ending> {
  try {
    return { status: 'COMPLETED', result: (await handle.result()) as RunResult };
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    const { cause } = error;
    if (cause instanceof CancelledFailure) return { status: 'CANCELED' };
    if (cause instanceof TerminatedFailure) return { status: 'TERMINATED' };
    if (cause instanceof TimeoutFailure) return { status: 'TIMED_OUT' };
    if (!(cause instanceof ApplicationFailure)) throw error;
    const { type, message, details } = cause;
    return { status: 'FAILED', type: type ?? '', message, details: details?.[0] as Status };
  }
}

/** The same from what the command prints. */
function toEnding({ status, closeEvent }: Closing): Ending {
  const completed = closeEvent.workflowExecutionCompletedEventAttributes;
  if (completed !== undefined) {
    return { status: 'COMPLETED', result: decodePayload(completed.result.payloads[0]) as RunResult };
  }
  const failure = closeEvent.workflowExecutionFailedEventAttributes?.failure;
  if (failure !== undefined) {
    const { type = '', details } = failure.applicationFailureInfo ?? {};
    return {
      status: 'FAILED',
      type,
      message: failure.message,
      details: decodePayload(details?.payloads[0]) as Status,
    };
  }
  return { status: status as 'CANCELED' };
}

import { PassThrough } from 'node:stream';
import type { Payload, PayloadCodec } from '@temporalio/common';
import { type ReplayResult, Worker, type WorkflowBundleOption } from '@temporalio/worker';
import { workflowBundle } from '../../src/worker/create-worker.js';
import { artifacts } from '../../src/worker/artifacts.js';
import { attributesOf, type History, historyFromJson } from '../../src/record/history-json.js';
import '../quiet-runtime.js';

/** A payload that the workflow made while its history was replayed. */
export interface MadePayload {
  /** The step that it is for, by the place at which it was scheduled; null: it is not for a step. */
  activityId: string | null;
  /** The workflow that it is for: a child, one that is signalled, or this one. */
  workflowId: string | null;
  value: unknown;
}

/**
 * Replays histories, one after the other, with the workflow bundle that `npm run build` made. One worker replays all of them, since it takes longer
 * to start one than to replay most histories.
 */
export class Replayer {
  readonly #histories = new PassThrough({ objectMode: true });
  readonly #results: AsyncIterableIterator<ReplayResult>;
  #made: MadePayload[] = [];

  /** @param isTraced whether to replay as a worker with OpenTelemetry does */
  static async start(isTraced = false): Promise<Replayer> {
    return new Replayer(await workflowBundle(isTraced), isTraced);
  }

  private constructor(bundle: WorkflowBundleOption, isTraced: boolean) {
    const options = {
      workflowBundle: bundle,
      // A sink that drops the spans, since a replay exports none.
      ...(isTraced && { sinks: { tracing: { span: { fn: () => undefined } } } }),
      dataConverter: {
        payloadConverterPath: artifacts.payloadConverter,
        payloadCodecs: [watching((payload) => this.#made.push(payload))],
      },
    };
    this.#results = Worker.runReplayHistories(options, this.#histories);
  }

  /** @returns what the workflow hands to the server. @throws DeterminismViolationError; ReplayError */
  async replay(history: History): Promise<MadePayload[]> {
    this.#made = [];
    // The IDs of a run's children follow from its own.
    this.#histories.write({ workflowId: workflowIdOf(history), history: historyFromJson(history) });
    const { value } = (await this.#results.next()) as IteratorYieldResult<ReplayResult>;
    if (value.error !== undefined) throw value.error;
    return this.#made;
  }

  async stop(): Promise<void> {
    this.#histories.end();
    await this.#results.return?.();
  }
}

export function workflowIdOf({ events: [first] }: History): string {
  const started = first && attributesOf<{ workflowId: string }>(first, 'workflowExecutionStarted');
  return started?.workflowId ?? '';
}

/** Changes nothing, and notes all that the workflow hands to the server. */
function watching(note: (payload: MadePayload) => void): PayloadCodec {
  return {
    encode(payloads, context) {
      for (const payload of payloads) {
        note({
          activityId: context?.type === 'activity' ? (context.activityId ?? null) : null,
          workflowId: context?.workflowId ?? null,
          value: valueOf(payload),
        });
      }
      return Promise.resolve(payloads);
    },
    decode: (payloads) => Promise.resolve(payloads),
  };
}

function valueOf({ metadata, data }: Payload): unknown {
  const encoding = Buffer.from(metadata?.['encoding'] ?? []).toString();
  return encoding === 'json/plain' ? JSON.parse(Buffer.from(data ?? []).toString()) : undefined;
}

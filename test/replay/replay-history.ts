import type { Payload, PayloadCodec } from '@temporalio/common';
import { Worker } from '@temporalio/worker';
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
 * Replays a history with the workflow bundle that `npm run build` made.
 *
 * @param isTraced whether to replay as a worker with OpenTelemetry does
 */
export async function replay(history: History, isTraced = false): Promise<MadePayload[]> {
  const made: MadePayload[] = [];
  await Worker.runReplayHistory(
    {
      workflowBundle: await workflowBundle(isTraced),
      // A sink that drops the spans, since a replay exports none.
      ...(isTraced && { sinks: { tracing: { span: { fn: () => undefined } } } }),
      dataConverter: {
        payloadConverterPath: artifacts.payloadConverter,
        payloadCodecs: [watching(made)],
      },
    },
    historyFromJson(history),
    // The IDs of a run's children follow from its own.
    workflowIdOf(history),
  );
  return made;
}

export function workflowIdOf({ events: [first] }: History): string {
  const started = first && attributesOf<{ workflowId: string }>(first, 'workflowExecutionStarted');
  return started?.workflowId ?? '';
}

/** Changes nothing, and notes all that the workflow hands to the server. */
function watching(made: MadePayload[]): PayloadCodec {
  return {
    encode(payloads, context) {
      for (const payload of payloads) {
        made.push({
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

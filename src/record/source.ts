import type { Client } from '@temporalio/client';
import type { PayloadCodec } from '@temporalio/common';
import type proto from '@temporalio/proto';
import { fetchHistory } from './fetch-history.js';
import { attributesOf, type History, type HistoryEvent, historyToJson } from './history-json.js';

/** A source of histories. */
export interface HistorySource {
  /**
   * @param runId default: the last run of the workflow
   * @returns null if there is no such run
   */
  history(workflowId: string, runId?: string): Promise<WorkflowHistory | null>;
}

/** One run of one workflow. */
export interface WorkflowHistory extends History {
  workflowId: string;
  runId: string;
}

/**
 * Many histories in one file, each as `temporal workflow show --output json` prints it. docs/reference/record-format.md
 * describes the format.
 */
export interface Bundle {
  format: 'sequence-failover-record';
  version: 1;
  exportedAt: string;
  /** The workflow ID of the requested run. */
  workflowId: string;
  histories: WorkflowHistory[];
  /** Runs that the other histories name, and that Temporal no longer had. */
  missing: { workflowId: string; runId: string }[];
}

/** @param codecs the codecs of the workers: encrypted payloads are decoded if their key is known */
export function fromServer(client: Client, codecs: readonly PayloadCodec[] = []): HistorySource {
  return {
    async history(workflowId, runId) {
      const history = await fetchHistory(client, workflowId, runId);
      if (history === null) return null;
      await decodeAll(history, codecs);
      return identified(workflowId, historyToJson(history));
    },
  };
}

/** Histories from a file. */
export function fromBundle({ histories }: Pick<Bundle, 'histories'>): HistorySource {
  return {
    history(workflowId, runId) {
      const found = histories.filter(
        (one) => one.workflowId === workflowId && (runId === undefined || one.runId === runId),
      );
      return Promise.resolve(found.at(-1) ?? null);
    },
  };
}

const MADE_BY = 'make the file with: sequence-failover export <workflow ID> > <file>';

/**
 * @param text a bundle, or a single history as the `temporal` command prints it
 * @throws Error if it is neither
 */
export function parseBundle(text: string): Bundle {
  const json = parseJson(text);
  if (json.format === 'sequence-failover-record') {
    if (json.version !== 1)
      throw new Error(`the bundle is of version ${String(json.version)}; this release reads version 1`);
    if (!Array.isArray(json.histories) || !json.histories.every(({ events }) => Array.isArray(events)))
      throw new Error('the file is damaged: a history in it has no list of events; export it again');
    return json as Bundle;
  }
  if (!Array.isArray(json.events))
    throw new Error(`neither a bundle nor a history: it has no "events"; ${MADE_BY}`);
  if (json.events.length === 0) throw new Error('the history has no events; export it again');
  if (json.events.some(hasShorthand))
    throw new Error(
      'the payloads are written in shorthand: write the file again with: temporal workflow show --workflow-id <ID> --output json --no-json-shorthand-payloads',
    );
  const history = identified('', { events: json.events });
  return {
    ...{ format: 'sequence-failover-record', version: 1, exportedAt: '' },
    ...{ workflowId: history.workflowId, histories: [history], missing: [] },
  };
}

function parseJson(text: string): Partial<Bundle> & Partial<History> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new Error(`not valid JSON: ${(error as Error).message}; ${MADE_BY}`, { cause: error });
  }
  return typeof json === 'object' && json !== null ? json : {};
}

/** The `temporal` command prints payloads in shorthand by default: as an array of values. */
function hasShorthand(event: HistoryEvent): boolean {
  return Array.isArray(attributesOf<{ input: unknown }>(event, 'activityTaskScheduled')?.input);
}

/** A history with its workflow ID and its run ID, which is in the first event. */
export function identified(workflowId: string, { events }: History): WorkflowHistory {
  const [first] = events;
  const started = first && attributesOf<Started>(first, 'workflowExecutionStarted');
  return {
    workflowId: started?.workflowId ?? workflowId,
    runId: started?.originalExecutionRunId ?? '',
    events,
  };
}

interface Started {
  workflowId: string;
  originalExecutionRunId: string;
}

type Decodable = proto.temporal.api.common.v1.IPayload;

/** Replaces every payload of a message, at any depth. */
async function decodeAll(message: object, codecs: readonly PayloadCodec[]): Promise<void> {
  if (codecs.length === 0) return;
  for (const value of Object.values(message) as unknown[]) {
    if (typeof value !== 'object' || value === null || value instanceof Uint8Array) continue;
    if (isPayload(value)) await decodeOne(value, codecs);
    else await decodeAll(value, codecs);
  }
}

function isPayload(value: object): value is Decodable {
  return 'data' in value && value.data instanceof Uint8Array && 'metadata' in value;
}

/** Decodes with the codecs in reverse order. */
async function decodeOne(payload: Decodable, codecs: readonly PayloadCodec[]): Promise<void> {
  let decoded = payload;
  for (const codec of [...codecs].reverse()) decoded = (await codec.decode([decoded]))[0] ?? decoded;
  payload.metadata = decoded.metadata ?? null;
  payload.data = decoded.data ?? null;
}

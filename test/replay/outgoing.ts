import {
  attributesOf,
  decodePayload,
  type EncodedPayload,
  type History,
  type HistoryEvent,
} from '../../src/record/history-json.js';
import { type MadePayload, workflowIdOf } from './replay-history.js';

/** A value that a workflow has handed to another one, or with which it has ended. */
export interface Outgoing {
  /** The workflow ID of a child or of a workflow that was signalled; "its end" for the workflow's own. */
  to: string;
  recorded: unknown;
  made: unknown;
}

export const ITS_END = 'its end';

/**
 * What a workflow hands to others, as recorded and as the present code makes it: the arguments and the memos of children, the arguments of
 * signals, and its result, the details of its failure, or what it passes on to its continuation. Only objects: the other values are
 * summaries and names.
 */
export function outgoingOf(history: History, made: readonly MadePayload[]): Outgoing[] {
  const own = workflowIdOf(history);
  const recorded = new Map<string, unknown[]>();
  const starts = new Map<string, number>();
  for (const event of history.events) {
    const { to, payloads } = handedOver(event);
    const values = payloads.map(decodePayload).filter(isObject);
    if (!recorded.has(to)) starts.set(to, values.length);
    recorded.set(to, [...(recorded.get(to) ?? []), ...values]);
  }
  return [...recorded].flatMap(([to, values]) => {
    const id = to === ITS_END ? own : to;
    const present = made
      .filter((one) => one.activityId === null && one.workflowId === id && isObject(one.value))
      .map(({ value }) => value);
    const more = present.length - values.length;
    // A workflow tells itself more while it runs, such as its memo. A child may have more in its memo than in earlier versions.
    if (more > 0) present.splice(to === ITS_END ? 0 : (starts.get(to) ?? 0), more);
    return values.map((value, at) => ({ to, recorded: value, made: present[at] }));
  });
}

const isObject = (value: unknown) => typeof value === 'object' && value !== null;

interface Payloads {
  payloads?: EncodedPayload[];
}
interface Memo {
  fields?: Record<string, EncodedPayload>;
}

function handedOver(event: HistoryEvent): { to: string; payloads: EncodedPayload[] } {
  const child = attributesOf<{ workflowId: string; input: Payloads; memo: Memo }>(
    event,
    'startChildWorkflowExecutionInitiated',
  );
  if (child !== undefined) return { to: child.workflowId ?? '', payloads: all(child.input, child.memo) };
  const signal = attributesOf<{ workflowExecution: { workflowId: string }; input: Payloads }>(
    event,
    'signalExternalWorkflowExecutionInitiated',
  );
  if (signal !== undefined)
    return { to: signal.workflowExecution?.workflowId ?? '', payloads: all(signal.input) };
  const completed = attributesOf<{ result: Payloads }>(event, 'workflowExecutionCompleted');
  const failed = attributesOf<{ failure: { applicationFailureInfo?: { details?: Payloads } } }>(
    event,
    'workflowExecutionFailed',
  );
  const continued = attributesOf<{ input: Payloads; memo: Memo }>(event, 'workflowExecutionContinuedAsNew');
  const end = completed?.result ?? failed?.failure?.applicationFailureInfo?.details ?? continued?.input;
  return { to: ITS_END, payloads: all(end, continued?.memo) };
}

const all = (input: Payloads | undefined, memo: Memo = {}) => [
  ...(input?.payloads ?? []),
  ...Object.values(memo.fields ?? {}),
];

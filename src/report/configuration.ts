import {
  attributesOf,
  type EncodedPayload,
  readablePayload,
  type HistoryEvent,
} from '../record/history-json.js';
import { principalOf } from '../record/messages.js';
import type { WorkflowHistory } from '../record/source.js';
import type { Step } from '../record/steps.js';
import type { Status } from '../contract/status.js';
import type { ReadinessReport } from '../steps/readiness.js';
import type { FinalStatus } from './final-status.js';
import { type Configuration, isFleet } from './report.js';

/** The configuration from the final status. If there is none, it comes from the input, and from the first check of the pair. */
export function configurationOf(
  final: FinalStatus,
  histories: readonly WorkflowHistory[],
  steps: readonly Step[],
): Configuration {
  const first = histories[0]?.events[0];
  const started = startOf(first);
  const sent = started.input.find((one) => typeof one === 'object' && one !== null) ?? {};
  const checked = steps.find(
    ({ activity, result }) => /^check(Readiness|LostPrimary)$/u.test(activity) && result != null,
  );
  const readiness: Checked = checked?.result ?? {};
  const known: Known = isOfMany(final) ? { ...final.status, pair: null } : (final.status ?? {});
  return {
    ...namesOf(known, sent, isOfMany(final) ? null : readiness.identity?.pair),
    ...{ startedByIdentity: started.identity, startedByPrincipal: first ? principalText(first) : null },
    ...bufferOf(known, sent, readiness),
    primary: firstKnown(known.primary, readiness.primary),
    standby: firstKnown(known.standby, readiness.standby),
    ...{ input: started.input, ...versionsOf(histories) },
  };
}

type OfMany = Extract<FinalStatus, { kind: 'fleet' | 'promotion-fleet' }>;

const isOfMany = (final: FinalStatus): final is OfMany => isFleet(final);

/** The configuration in a final status of any kind. */
type Known = Partial<
  Pick<Status, 'pair' | 'mode' | 'ticket' | 'requestedBy' | 'buffer' | 'primary' | 'standby'>
>;
type Checked = Partial<ReadinessReport>;

function firstKnown<T>(...values: (T | null | undefined)[]): T | null {
  return values.find((value) => value != null) ?? null;
}

function namesOf(
  known: Known,
  sent: Sent,
  checkedPair: string | null | undefined,
): Pick<Configuration, 'pair' | 'mode' | 'ticket' | 'requestedBy'> {
  return {
    pair: firstKnown(known.pair, text(sent.pair), checkedPair),
    mode: firstKnown<string>(known.mode, text(sent.mode)),
    ticket: firstKnown(known.ticket, text(sent.ticket)),
    requestedBy: firstKnown(known.requestedBy, text(sent.requestedBy)),
  };
}

function bufferOf(
  { buffer }: Known,
  sent: Sent,
  { buffer: policy, calls }: Checked,
): Pick<Configuration, 'buffer' | 'bufferCalls' | 'bufferReason'> {
  return {
    buffer: firstKnown<unknown>(buffer?.policy, policy, sent.buffer),
    bufferCalls: firstKnown(buffer?.calls, calls),
    bufferReason: firstKnown(buffer?.reason, text(sent.bufferReason)),
  };
}

function startOf(event: HistoryEvent | undefined): { input: unknown[]; identity: string | null } {
  const started = event && attributesOf<Started>(event, 'workflowExecutionStarted');
  const payloads = started?.input?.payloads ?? [];
  return {
    input: payloads.map((payload) => readablePayload({ payloads: [payload] })),
    identity: started?.identity ?? null,
  };
}

function principalText(event: HistoryEvent): string | null {
  const principal = principalOf(event);
  if (principal === null) return null;
  return principal.type === '' ? principal.name : `${principal.type}:${principal.name}`;
}

const text = (value: unknown) => (typeof value === 'string' ? value : null);

function versionsOf(
  histories: readonly WorkflowHistory[],
): Pick<Configuration, 'sdks' | 'builds' | 'workers'> {
  const [sdks, builds, workers] = [new Set<string>(), new Set<string>(), new Set<string>()];
  for (const event of histories.flatMap(({ events }) => events)) {
    const task = attributesOf<TaskCompleted>(event, 'workflowTaskCompleted');
    if (task === undefined) continue;
    const { sdkName = '', sdkVersion = '' } = task.sdkMetadata ?? {};
    if (sdkName !== '' || sdkVersion !== '') sdks.add(`${sdkName} ${sdkVersion}`.trim());
    const build = task.workerVersion?.buildId ?? '';
    if (build !== '') builds.add(build);
    if (task.identity !== undefined && task.identity !== '') workers.add(task.identity);
  }
  return { sdks: [...sdks], builds: [...builds], workers: [...workers] };
}

interface Started {
  identity: string;
  input: { payloads?: EncodedPayload[] };
}

/** The fields of an unparsed input that the report reads. */
type Sent = Partial<Record<'pair' | 'mode' | 'ticket' | 'requestedBy' | 'bufferReason' | 'buffer', unknown>>;

interface TaskCompleted {
  identity: string;
  workerVersion: { buildId?: string };
  sdkMetadata: { sdkName?: string; sdkVersion?: string };
}

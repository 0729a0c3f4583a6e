import { attributesOf, type EncodedPayload, firstPayload } from '../record/history-json.js';
import { principalOf } from '../record/messages.js';
import type { WorkflowHistory } from '../record/source.js';
import type { Step } from '../record/steps.js';
import type { ReadinessReport } from '../steps/readiness.js';
import type { FinalStatus } from './build-report.js';
import type { Configuration } from './report.js';

/** From the final status; of a run that has none, from its input and from what its first check of the pair found. */
export function configurationOf(
  { kind, status }: FinalStatus,
  histories: readonly WorkflowHistory[],
  steps: readonly Step[],
): Configuration {
  const first = histories[0]?.events[0];
  const started = first && attributesOf<Started>(first, 'workflowExecutionStarted');
  const input = (started?.input?.payloads ?? []).map((one) => readable(one));
  const sent = input.find((one) => typeof one === 'object' && one !== null) as Sent | undefined;
  const readiness = steps.find(
    ({ activity, result }) => /^check(Readiness|LostPrimary)$/u.test(activity) && result != null,
  )?.result as Partial<ReadinessReport> | undefined;
  const principal = first ? principalOf(first) : null;
  const servers = kind === 'fleet' ? null : status;
  const buffer = kind === 'run' ? status?.buffer : undefined;
  const handed =
    kind === 'promotion' ? (sent?.buffer as { policy?: unknown; calls?: unknown } | undefined) : undefined;
  return {
    pair: kind === 'fleet' ? null : (status?.pair ?? text(sent?.pair) ?? readiness?.identity?.pair ?? null),
    mode: (kind === 'promotion' ? null : (status?.mode ?? text(sent?.mode))) ?? null,
    ticket: status?.ticket ?? text(sent?.ticket),
    requestedBy: status?.requestedBy ?? text(sent?.requestedBy),
    startedByIdentity: started?.identity ?? null,
    startedByPrincipal:
      principal && (principal.type === '' ? principal.name : `${principal.type}:${principal.name}`),
    buffer: buffer?.policy ?? readiness?.buffer ?? handed?.policy ?? sent?.buffer ?? null,
    bufferCalls: buffer?.calls ?? readiness?.calls ?? null,
    bufferReason: buffer?.reason ?? text(sent?.bufferReason),
    primary: servers?.primary ?? readiness?.primary ?? null,
    standby: servers?.standby ?? readiness?.standby ?? null,
    input,
    ...versionsOf(histories),
  };
}

/** A client can send anything, also what is no JSON. */
function readable(payload: EncodedPayload): unknown {
  try {
    return firstPayload({ payloads: [payload] });
  } catch {
    return null;
  }
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

/** What the report reads of an input that nobody has parsed. */
type Sent = Partial<Record<'pair' | 'mode' | 'ticket' | 'requestedBy' | 'bufferReason' | 'buffer', unknown>>;

interface TaskCompleted {
  identity: string;
  workerVersion: { buildId?: string };
  sdkMetadata: { sdkName?: string; sdkVersion?: string };
}

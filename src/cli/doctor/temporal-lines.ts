import type { Client } from '@temporalio/client';
import { TASK_QUEUE } from '../../contract/names.js';
import { SEARCH_ATTRIBUTES } from '../../contract/search-attributes.js';
import { lastPollAt, pollersOf } from '../../temporal/pollers.js';
import { errorText } from '../../terminal/error-text.js';
import { VERSION } from '../../worker/artifacts.js';
import { versionOfIdentity } from '../../worker/identity.js';
import { readSearchAttributes } from '../../worker/search-attributes.js';
import type { Place } from '../temporal-client.js';
import { failure, type Line, ok, warning } from './line.js';
import { shellQuoted } from '../../contract/shell.js';

/** Server, namespace, workers and search attributes. */
export async function temporalLines(client: Client, place: Place): Promise<Line[]> {
  const server = await serverLine(client, place);
  const namespace = await namespaceLine(client, place);
  if (namespace.state === 'failure') return [server, namespace];
  return [
    ...[server, namespace],
    ...(await workerLines(client, place)),
    await searchAttributeLine(client, place),
  ];
}

async function serverLine(client: Client, { address }: Place): Promise<Line> {
  const { serverVersion } = await client.workflowService.getSystemInfo({});
  return ok('Temporal', `${address}, server ${serverVersion}`);
}

async function namespaceLine(client: Client, { address, namespace }: Place): Promise<Line> {
  try {
    const { config } = await client.workflowService.describeNamespace({ namespace });
    const seconds = Number(config?.workflowExecutionRetentionTtl?.seconds ?? 0);
    return ok(
      'namespace',
      `${namespace}, keeps a history for ${Math.round(seconds / 3600)} hours after its end`,
    );
  } catch (error) {
    return failure(
      'namespace',
      `${namespace}: ${errorText(error)}`,
      `list the namespaces: temporal operator namespace list --address ${shellQuoted(address)}; then set TEMPORAL_NAMESPACE to one of them, or create this one: ` +
        `temporal operator namespace create --namespace ${shellQuoted(namespace)} --address ${shellQuoted(address)}`,
    );
  }
}

/** A worker whose last poll is older than this, in milliseconds, has probably ended: one that is alive polls again within a minute. */
const ALIVE_WITHIN_MS = 75_000;

async function workerLines(client: Client, { namespace }: Place): Promise<Line[]> {
  try {
    const [forWorkflows, forActivities] = await Promise.all(
      (['workflow', 'activity'] as const).map((tasks) => liveWorkers(client, namespace, tasks)),
    );
    const polled = new Map<string, number>();
    for (const { name, polledAt } of [...(forWorkflows ?? []), ...(forActivities ?? [])])
      polled.set(name, Math.max(polledAt, polled.get(name) ?? 0));
    if (polled.size === 0)
      return [
        failure(
          'workers',
          `no worker polls the task queue ${TASK_QUEUE} of the namespace ${namespace}`,
          'start one where PRIMARY_URL and STANDBY_URL, or PAIRS_FILE, are set: sequence-failover worker',
        ),
      ];
    return [...polled].sort(([one], [other]) => (one < other ? -1 : 1)).map(workerLine);
  } catch (error) {
    return [failure('workers', errorText(error), `temporal task-queue describe --task-queue ${TASK_QUEUE}`)];
  }
}

interface LiveWorker {
  name: string;
  /** Milliseconds since the epoch. */
  polledAt: number;
}

async function liveWorkers(
  client: Client,
  namespace: string,
  tasks: 'workflow' | 'activity',
): Promise<LiveWorker[]> {
  const pollers = await pollersOf(client.workflowService, { namespace, taskQueue: TASK_QUEUE }, tasks);
  return pollers.flatMap((poller) => {
    if (Date.now() - lastPollAt(poller) > ALIVE_WITHIN_MS) return [];
    const { identity, deploymentOptions } = poller;
    const build = deploymentOptions?.buildId ? `, build ${deploymentOptions.buildId}` : '';
    return [{ name: `${identity ?? '?'}${build}`, polledAt: lastPollAt(poller) }];
  });
}

/** A worker that has ended is listed for a while, so the line says how long ago it polled. */
function workerLine([name, polledAt]: [string, number]): Line {
  const version = versionOfIdentity(name.replace(/, build .*$/u, ''));
  const worker = `${name}, last poll ${Math.max(0, Math.round((Date.now() - polledAt) / 1000))} s ago`;
  if (version === VERSION) return ok('worker', worker);
  return warning(
    'worker',
    version === null
      ? `${worker} does not say its version; this command is ${VERSION}`
      : `${worker} is another version than this command, ${VERSION}`,
    'upgrade the older of the two: docs/how-to/upgrade-workers.md',
  );
}

async function searchAttributeLine(client: Client, { namespace }: Place): Promise<Line> {
  const subject = 'search attributes';
  try {
    const { present, missing, otherType } = await readSearchAttributes(client.connection, namespace);
    const [first] = otherType;
    if (first !== undefined)
      return warning(
        subject,
        `${SEARCH_ATTRIBUTES[first]} is registered, but not as a Keyword: runs do not set it`,
        `temporal operator search-attribute remove --name ${SEARCH_ATTRIBUTES[first]} --yes && sequence-failover setup`,
      );
    if (missing.length > 0)
      return warning(
        subject,
        `${missing.length} of ${missing.length + present.length} are not registered: runs cannot be searched for by them, and work all the same`,
        'sequence-failover setup',
      );
    return ok(subject, `all ${present.length} are registered`);
  } catch (error) {
    return warning(
      subject,
      `the server does not tell which are registered: ${errorText(error)}`,
      'runs work without them; see docs/reference/search-attributes.md',
    );
  }
}

import { TASK_QUEUE, WORKFLOW_TYPES } from '../contract/names.js';
import { plural } from '../contract/plural.js';
import type { Finding, Headroom, Status } from '../contract/status.js';
import { FailoverRun } from '../client/failover-run.js';
import { phaseInWords } from '../terminal/phase.js';
import type { Scene } from './scene.js';
import type { Screen } from './screen.js';
import type { TemporalServer } from '../local/temporal-server.js';
import { sequenceTable } from '../terminal/sequence-table.js';
import type { Traffic } from './traffic.js';
import { wrap } from '../terminal/text-table.js';

export const workflowId = 'failover-demo';
export const promotionId = 'promote-demo';

/**
 * The argument with which the demo starts the workflow. After the approval the promotion is started, and its `traffic` moves the
 * application.
 */
export const inputOf = (by: string, traffic: Pick<Traffic, 'url'>) => ({
  buffer: { preset: 'low' },
  requestedBy: by,
  handoff: {
    ...{ workflowType: WORKFLOW_TYPES.promotion, taskQueue: TASK_QUEUE, workflowId: promotionId },
    input: { traffic: { http: { url: traffic.url } } },
  },
});

/** Starts the workflow, and shows its progress until somebody has to decide. */
export async function showSynchronization(scene: Scene): Promise<FailoverRun> {
  const { screen, stage, by } = scene;
  screen.heading(`The runbook: the workflow sequenceFailover, started as ${workflowId}`);
  const run = await startRun(scene, inputOf(by, stage.traffic));
  const [status, rows] = [await run.status(), await run.rows()];
  screen.lines(sequenceTable(rows));
  showCounts(scene, status);
  return run;
}

/** Starts it, and waits until it is at its gate. */
export async function startRun({ screen, stage }: Scene, input: object): Promise<FailoverRun> {
  const { dim } = screen.colors;
  const run = await FailoverRun.start(stage.client, workflowId, input);
  screen.lines([dim(uiAddress(stage.temporal))]);
  await screen.step(
    'Starting',
    (update) =>
      run.settled(({ phase, mode }) => {
        update(phaseInWords(phase, mode));
      }),
    () => ['The sequences of the standby are set, and verified to be ahead'],
  );
  return run;
}

/** The number of sequences with each outcome, and all findings. */
export function showCounts({ screen }: Scene, { counts, minimumHeadroom, findings }: Status): void {
  screen.prose(
    `${plural(counts.total, 'sequence')}: ${counts.applied} applied, ${counts.kept} kept, ${counts.skipped} skipped, ${counts.failed} failed`,
    ...(minimumHeadroom === null ? [] : [leastHeadroom(minimumHeadroom)]),
  );
  for (const finding of findings) screen.lines(describeFinding(finding, screen));
}

export function leastHeadroom({ calls, sequence }: Headroom): string {
  return `Least headroom: ${calls} calls of nextval, on ${sequence}`;
}

/** The address of the last run in Temporal's UI. */
export function uiAddress({ uiUrl, namespace }: TemporalServer): string {
  return `${uiUrl ?? ''}/namespaces/${namespace}/workflows/${workflowId}`;
}

function describeFinding({ severity, code, message, remedy }: Finding, screen: Screen): string[] {
  const { yellow, red, cyan, dim } = screen.colors;
  const color = { block: red, warn: yellow, info: cyan }[severity];
  return [
    `${color(severity)} ${code}`,
    ...wrap(message, screen.width),
    ...wrap(`→ ${remedy}`, screen.width).map(dim),
  ];
}

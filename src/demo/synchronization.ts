import type { Finding, Headroom } from '../contract/status.js';
import { FailoverRun } from '../client/failover-run.js';
import { phaseInWords } from '../terminal/phase.js';
import type { Scene } from './scene.js';
import type { Screen } from './screen.js';
import type { TemporalServer } from '../local/temporal-server.js';
import { sequenceTable } from '../terminal/sequence-table.js';
import { wrap } from '../terminal/text-table.js';

export const workflowId = 'failover-demo';

/** The argument that the demo starts the workflow with. */
export const inputOf = (by: string) => ({ buffer: { preset: 'low' }, requestedBy: by });

/** Starts the workflow, and shows what it does until somebody has to decide. */
export async function showSynchronization({ screen, stage, by }: Scene): Promise<FailoverRun> {
  const { dim } = screen.colors;
  screen.heading(`The runbook: the workflow sequenceFailover, started as ${workflowId}`);
  const run = await FailoverRun.start(stage.client, workflowId, inputOf(by));
  screen.lines([dim(uiAddress(stage.temporal))]);
  await screen.step(
    'Starting',
    (update) =>
      run.settled(({ phase }) => {
        update(phaseInWords(phase));
      }),
    () => ['The sequences of the standby are set, and verified to be ahead'],
  );

  const [status, rows] = [await run.status(), await run.rows()];
  screen.lines(sequenceTable(rows, 'buffer'));
  const { counts, minimumHeadroom, findings } = status;
  screen.lines([
    `${counts.total} sequences: ${counts.applied} applied, ${counts.kept} kept, ${counts.skipped} skipped, ${counts.failed} failed`,
    ...(minimumHeadroom === null ? [] : [leastHeadroom(minimumHeadroom)]),
  ]);
  for (const finding of findings) screen.lines(describeFinding(finding, screen));
  return run;
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

import { toBundle } from '../../record/read-run.js';
import { EXIT } from '../exit-codes.js';
import type { Output } from '../output.js';
import { readRunOnServer } from '../read-run-on-server.js';
import { withClient } from '../temporal-client.js';
import { temporalCommand } from '../temporal-command.js';

export async function exportRun(
  output: Output,
  workflowId: string,
  runId: string | undefined,
  { showTemporal }: { showTemporal?: true },
): Promise<number> {
  if (showTemporal) output.command(temporalCommand.show(workflowId));
  return withClient(async (client, { codecs }) => {
    const histories = await readRunOnServer(client, codecs, workflowId, runId);
    process.stdout.write(`${JSON.stringify(toBundle(histories, new Date().toISOString()))}\n`);
    for (const missing of histories.missing)
      output.note(
        `Temporal no longer has the run ${missing.runId} of ${missing.workflowId}: the record lacks it.`,
      );
    return EXIT.done;
  });
}

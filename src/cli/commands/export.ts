import type { Command } from 'commander';
import { fromServer } from '../../record/source.js';
import { readRun, toBundle } from '../../record/read-run.js';
import { action, commonOptions } from '../action.js';
import { EXIT } from '../exit-codes.js';
import { help } from '../help.js';
import type { Output } from '../output.js';
import { withClient } from '../temporal-client.js';
import { temporalCommand } from '../temporal-command.js';

export function addExport(program: Command): void {
  const command = program
    .command('export')
    .argument('<workflow-id>')
    .argument('[run-id]', 'any run of a continue-as-new chain (default: the last)')
    .description('Write the histories of a run, its pages and its continuations to stdout, as one JSON file');
  help(commonOptions(command, 'json'), {
    about: [
      'The format is described in docs/reference/record-format.md. Encrypted payloads are decoded with ENCRYPTION_KEY and DECRYPTION_KEYS, if they are set.',
    ],
    examples: ['sequence-failover export failover-default > failover-default.json'],
  });
  command.action(action(exportRun));
}

async function exportRun(
  output: Output,
  workflowId: string,
  runId: string | undefined,
  { showTemporal }: { showTemporal?: true },
): Promise<number> {
  if (showTemporal) output.note(temporalCommand.show(workflowId));
  return withClient(async (client, { codecs }) => {
    const histories = await readRun(fromServer(client, codecs), workflowId, runId);
    process.stdout.write(`${JSON.stringify(toBundle(histories, new Date().toISOString()))}\n`);
    for (const missing of histories.missing)
      output.note(
        `Temporal no longer has the run ${missing.runId} of ${missing.workflowId}: the record lacks it.`,
      );
    return EXIT.done;
  });
}

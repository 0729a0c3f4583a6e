import type { Command } from 'commander';
import { action, commonOptions } from '../action.js';
import { help } from '../help.js';

export function addExport(program: Command): void {
  const command = program
    .command('export')
    .argument('<workflow-id>', 'of a run, a fleet or a promotion')
    .argument('[run-id]', 'any run of a continue-as-new chain (default: the last)')
    .description('Write the histories of a run, its pages and its continuations to stdout, as one JSON file');
  help(commonOptions(command, 'json'), {
    about: [
      'The format is described in docs/reference/record-format.md. Encrypted payloads are decoded with ENCRYPTION_KEY and DECRYPTION_KEYS, if they are set.',
    ],
    examples: ['sequence-failover export failover-default > failover-default.json'],
  });
  command.action(action(async () => (await import('../actions/export.js')).exportRun));
}

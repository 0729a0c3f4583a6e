import type { Command } from 'commander';
import { help } from '../help.js';

export function addWorker(program: Command): void {
  const command = program
    .command('worker')
    .description('Run the worker, which does the work of all runs')
    .action(async () => {
      await import('../../worker/main.js');
    });
  help(command, {
    about: ['Its settings come from the environment; each is described in docs/reference/environment.md.'],
    endsWith: [
      '0  after SIGTERM or SIGINT',
      '1  Temporal cannot be reached, or the worker failed',
      '78  a setting is missing or wrong',
    ],
    examples: [
      'export PRIMARY_URL=postgresql://sequence_failover@primary.example:5432/app',
      'export STANDBY_URL=postgresql://sequence_failover@standby.example:5432/app',
      'export TEMPORAL_ADDRESS=temporal.example:7233',
      'sequence-failover worker',
    ],
  });
}

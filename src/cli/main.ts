#!/usr/bin/env -S node --max-semi-space-size=32
/** The command `sequence-failover`. The Node.js option is the worker's, see src/worker/heap.ts. */
import { Command } from 'commander';

const program = new Command('sequence-failover').description(
  "Moves the sequences of a PostgreSQL logical standby ahead of its primary's before a failover, as a Temporal workflow.",
);

program
  .command('worker')
  .description('run the worker; its settings come from the environment')
  .addHelpText(
    'after',
    `
Example:
  $ export PRIMARY_URL=postgresql://sequence_failover@primary.example:5432/app
  $ export STANDBY_URL=postgresql://sequence_failover@standby.example:5432/app
  $ export TEMPORAL_ADDRESS=temporal.example:7233
  $ sequence-failover worker

Every setting is described in docs/reference/environment.md.
Ends with 0 after SIGTERM or SIGINT, with 78 when a setting is missing or wrong.`,
  )
  .action(async () => {
    await import('../worker/main.js');
  });

await program.parseAsync();

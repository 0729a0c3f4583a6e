import { Command } from 'commander';
import { addCheck } from './commands/check.js';
import { addApprove } from './commands/approve.js';
import { addCompletion } from './commands/completion.js';
import { addDoctor } from './commands/doctor.js';
import { addExport } from './commands/export.js';
import { addPlan } from './commands/plan.js';
import { addPromote } from './commands/promote.js';
import { addReject } from './commands/reject.js';
import { addReport } from './commands/report.js';
import { addResynchronize } from './commands/resynchronize.js';
import { addSetup } from './commands/setup.js';
import { addStart } from './commands/start.js';
import { addStatus } from './commands/status.js';
import { addWatch } from './commands/watch.js';
import { EXIT } from './exit-codes.js';

/** All commands; src/cli/main.ts runs them. */
export function createProgram(name: string): Command {
  const program = new Command(name)
    .description(
      "Moves the sequences of a PostgreSQL logical standby ahead of its primary's before a failover, as a Temporal workflow.",
    )
    .addHelpText(
      'after',
      `
Temporal is reached with the environment and the profile of the temporal command: TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_PROFILE.
Ends with 0 done, 1 failed, 2 not ready or behind, 3 rejected or not approved in time, 4 wrong usage.`,
    )
    .exitOverride((error) => {
      process.exit(error.exitCode === 0 ? EXIT.done : EXIT.usage);
    });

  for (const add of [
    addDoctor,
    addSetup,
    addCheck,
    addPlan,
    addStart,
    addWatch,
    addStatus,
    addApprove,
    addReject,
    addResynchronize,
    addPromote,
    addExport,
    addReport,
  ])
    add(program);

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

  // After all others, which it lists.
  addCompletion(program);

  return program;
}

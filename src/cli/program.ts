import type { Argument, Command } from 'commander';
import { AdvisingCommand } from './advising-command.js';
import { addApprove } from './commands/approve.js';
import { addCheck } from './commands/check.js';
import { addCompletion } from './commands/completion.js';
import { addDemo } from './commands/demo.js';
import { addDoctor } from './commands/doctor.js';
import { addExport } from './commands/export.js';
import { addList } from './commands/list.js';
import { addPlan } from './commands/plan.js';
import { addPromote } from './commands/promote.js';
import { addReject } from './commands/reject.js';
import { addReport } from './commands/report.js';
import { addResynchronize } from './commands/resynchronize.js';
import { addSetup } from './commands/setup.js';
import { addStart } from './commands/start.js';
import { addStatus } from './commands/status.js';
import { addWatch } from './commands/watch.js';
import { addWorker } from './commands/worker.js';
import { EXIT } from './exit-codes.js';
import { help } from './help.js';
import { wrapWords } from '../terminal/wrap-words.js';
import { VERSION } from '../worker/artifacts.js';

/** The commands in the order of the help: that in which people need them. */
const groups: Record<string, readonly ((to: Command) => void)[]> = {
  'Before a failover:': [addDoctor, addSetup, addCheck, addPlan],
  'A failover:': [addStart, addList, addWatch, addStatus, addApprove, addReject, addResynchronize],
  'The promotion:': [addPromote],
  'After a failover:': [addReport, addExport],
  'Other:': [addWorker, addDemo, addCompletion],
};

/** All commands; src/cli/main.ts runs them. */
export function createProgram(name: string): Command {
  const program = new AdvisingCommand(name)
    .version(VERSION, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print the options of a command, with examples')
    .helpCommand(false)
    .description(
      "Moves the sequences of a PostgreSQL logical standby ahead of its primary's before a failover, as a Temporal workflow.",
    )
    .configureHelp({
      subcommandTerm: (command) =>
        [command.name(), ...command.registeredArguments.map(humanReadable)].join(' '),
    })
    .configureOutput({
      outputError: (text, write) => {
        write(process.stderr.isTTY ? fitted(text, process.stderr.columns) : text);
      },
    })
    .exitOverride((error) => {
      process.exit(error.exitCode === 0 ? EXIT.done : EXIT.usage);
    });

  for (const [title, commands] of Object.entries(groups)) {
    program.commandsGroup(title);
    for (const add of commands) add(program);
  }

  help(program, {
    about: [
      'Temporal is reached with the environment and the profile of the "temporal" command: TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_PROFILE. "doctor" says what is missing.',
    ],
    endsWith: [
      '0  done',
      '1  failed',
      '2  not ready, blocked, or a sequence is behind',
      '3  rejected, vetoed, or not approved in time',
      '4  wrong usage',
      '124  the time of --timeout is over',
    ],
    examples: [
      'sequence-failover check',
      'sequence-failover start --ticket CHG-123',
      'sequence-failover list',
      'sequence-failover watch failover-default',
      'sequence-failover approve failover-default --by alice',
    ],
  });
  return program;
}

/** An error of usage is ASCII, apart from what the user typed, so that each character is one column. The tables of other widths take long to load. */
function fitted(text: string, width: number): string {
  return text
    .split('\n')
    .flatMap((line) => wrapWords(line, width, ({ length }) => length))
    .join('\n');
}

/** Such as `<workflow-id>`, or `[run-id]` if it may be left out. */
function humanReadable(argument: Argument): string {
  return argument.required ? `<${argument.name()}>` : `[${argument.name()}]`;
}

import { type Command, InvalidArgumentError, Option } from 'commander';
import { ConfigurationError } from '../config/problems.js';
import { endTracing, traced } from './command-tracing.js';
import { EXIT, UsageError } from './exit-codes.js';
import type { Format, Output } from './output.js';
import { TimeOverError } from './time-limit.js';
import { errorText } from '../terminal/error-text.js';

export interface CommonOptions {
  /** Absent for a command whose result is neither text nor JSON. */
  output?: Format;
  showTemporal?: true;
}

/** For an option that may be given more than once. */
export const collect = (value: string, before: string[] = []) => [...before, value];

/** Who decides, or asks. In a container "$USER" may be empty, and a message without a name would be refused, and recorded. */
export const byPerson = (what: string) =>
  new Option('--by <name>', `${what} (required)`).argParser(notEmpty).makeOptionMandatory();

function notEmpty(name: string): string {
  if (name.trim() === '') throw new InvalidArgumentError('It is empty: name the person.');
  return name;
}

/** The option of a command that decides. */
export const bySignal = () =>
  new Option(
    '--signal',
    'decide by a signal instead of an update: then the record shows whom the server authenticated',
  );

/** The option of a command that waits for a workflow. */
export const waitOption = () =>
  new Option(
    '--timeout <duration>',
    "stop waiting after this time, such as '10 minutes' or 600 (seconds); the workflow goes on",
  );

/**
 * The options of every command that talks to Temporal.
 *
 * @param format the output format if no option asks for another
 */
export function commonOptions(command: Command, format: 'text' | 'json' = 'text'): Command {
  return command
    .addOption(
      new Option('-o, --output <format>', 'how to print the result')
        .choices(['text', 'json'])
        .default(format),
    )
    .option('--show-temporal', 'also print the "temporal" commands that do the same, on stderr');
}

/**
 * The function that commander calls: it runs the command with its arguments and options, and sets the exit code of the process. An error of
 * the command is printed on stderr, without a stack.
 *
 * @param load loads the code of this command alone. Help and completion need none of it, and most of it is Temporal's client.
 */
export function action(
  load: () => Promise<(output: Output, ...args: never[]) => Promise<number>>,
): (...args: unknown[]) => Promise<void> {
  return async (...args) => {
    // Commander passes the arguments, the options and the command itself.
    const given = args.slice(0, -1);
    const options = given.at(-1) as CommonOptions;
    const command = args.at(-1) as Command;
    const { Output, print } = await import('./output.js');
    const output = new Output(options.output ?? 'text');
    try {
      refuseEmpty(command, given);
      const run = await load();
      process.exitCode = await traced(command.name(), () => run(output, ...(given as never[])));
    } catch (error) {
      if (error instanceof TimeOverError) {
        output.result([error.message], error.json);
        process.exitCode = EXIT.timedOut;
        return;
      }
      print(process.stderr, [errorText(error)]);
      process.exitCode = isUsage(error) ? EXIT.usage : EXIT.failed;
    } finally {
      await endTracing();
    }
  };
}

/** Options that name something. An empty name is mostly that of a variable of a script which is not set. */
const NAMES = ['workflowId', 'after', 'verify'];

/** @throws UsageError for a name that is empty */
function refuseEmpty(command: Command, given: readonly unknown[]): void {
  const options = given.at(-1) as Record<string, unknown>;
  const emptyArgument = command.registeredArguments.find((_, at) => given[at] === '');
  const emptyOption = command.options.find(
    (option) => NAMES.includes(option.attributeName()) && options[option.attributeName()] === '',
  );
  const empty = emptyArgument ? `<${emptyArgument.name()}>` : emptyOption?.long;
  if (empty !== undefined) throw new UsageError(`${empty} is empty. Is a variable of the script not set?`);
}

const isUsage = (error: unknown) => error instanceof UsageError || error instanceof ConfigurationError;

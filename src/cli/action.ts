import { type Command, Option } from 'commander';
import { ConfigurationError } from '../config/problems.js';
import { EXIT, UsageError } from './exit-codes.js';
import { type Format, Output } from './output.js';
import { errorText } from '../terminal/error-text.js';

export interface CommonOptions {
  /** Absent for a command whose result is neither text nor JSON. */
  output?: Format;
  showTemporal?: true;
}

/** For an option that may be repeated. */
export const collect = (value: string, before: string[] = []) => [...before, value];

/**
 * The options that every command has which talks to Temporal.
 *
 * @param format what the command prints if nothing else is asked for
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
 * What commander calls: the command with its arguments and options, whose exit code becomes the process's. What a command throws is printed on
 * stderr, without a stack.
 */
export function action(
  run: (output: Output, ...args: never[]) => Promise<number>,
): (...args: unknown[]) => Promise<void> {
  return async (...args) => {
    // Commander passes the arguments, the options and the command itself.
    const given = args.slice(0, -1);
    const options = given.at(-1) as CommonOptions;
    try {
      process.exitCode = await run(new Output(options.output ?? 'text'), ...(given as never[]));
    } catch (error) {
      process.stderr.write(`${errorText(error)}\n`);
      process.exitCode = isUsage(error) ? EXIT.usage : EXIT.failed;
    }
  };
}

const isUsage = (error: unknown) => error instanceof UsageError || error instanceof ConfigurationError;

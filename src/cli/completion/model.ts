import type { Command, Option } from 'commander';
import { PRESETS } from '../../sequences/buffer.js';

/** An option, with the facts that completion needs. */
export interface CompletedOption {
  /** Such as `-m` and `--mode`, or `--no-wait` alone. */
  names: string[];
  description: string;
  /** The kind of its value; null for an option without a value. */
  value: string | null;
  /** The values that it takes, or that have a name; empty if no value has. */
  choices: readonly string[];
  isRepeatable: boolean;
}

export interface CompletedCommand {
  name: string;
  description: string;
  options: CompletedOption[];
  /** The arguments in their order, each with the values that it takes. */
  arguments: { name: string; choices: readonly string[] }[];
}

/** The commands of the program with their options, in the form that completion needs. */
export function describeCommands(program: Command): CompletedCommand[] {
  return program
    .createHelp()
    .visibleCommands(program)
    .map((command) => ({
      name: command.name(),
      description: command.description(),
      options: [
        ...command.options.map(describeOption),
        {
          ...{ names: ['--help'], description: 'display help for command', value: null },
          ...{ choices: [], isRepeatable: false },
        },
      ],
      arguments: command.registeredArguments.map((argument) => ({
        name: argument.name(),
        choices: argument.argChoices ?? [],
      })),
    }));
}

function describeOption(option: Option): CompletedOption {
  const { short, long, description, argChoices, parseArg, required, optional, flags } = option;
  const value = required || optional ? (/<(.+)>/u.exec(flags)?.[1] ?? 'value') : null;
  return {
    names: [short, long].filter((name) => name !== undefined),
    description,
    value,
    // Of a buffer, a number is a value too.
    choices: value === 'buffer' ? Object.keys(PRESETS) : (argChoices ?? []),
    isRepeatable: parseArg !== undefined && argChoices === undefined,
  };
}

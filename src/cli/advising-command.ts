import { Command } from 'commander';

/** A command whose errors of usage say what to type instead, and where all options are described. */
export class AdvisingCommand extends Command {
  override createCommand(name?: string): Command {
    return new AdvisingCommand(name);
  }

  override error(message: string, options?: Parameters<Command['error']>[1]): never {
    const unknown =
      options?.code === 'commander.unknownOption'
        ? /unknown option '(-[^']*)'/u.exec(message)?.[1]
        : undefined;
    const advice = unknown === undefined ? null : adviceFor(this, unknown.replace(/=.*/su, ''));
    const help = `All options: ${fullName(this)} --help`;
    // Commander compares with the program's own options too, so that it would propose --version for --reason.
    return super.error(
      [advice === null ? message : `${firstLine(message)}\n${advice}`, help].join('\n'),
      options,
    );
  }
}

/** If more commands have an option, their names are not listed. */
const MOST_NAMES = 6;

/** What stands for an option that this command does not have but others do; null if none has it. */
function adviceFor(command: Command, flag: string): string | null {
  const printing = printingOption(command);
  if (['--output', '-o', '--format', '--json'].includes(flag) && printing !== null) {
    return `To print JSON: ${fullName(command)} ${printing} json`;
  }
  const others = command.parent?.commands.filter((other) => takes(other, flag)) ?? [];
  if (others.length === 0) return null;
  const names =
    others.length > MOST_NAMES ? 'other commands' : others.map((other) => other.name()).join(', ');
  return `${flag} is an option of ${names}`;
}

const printingOption = (command: Command): string | null =>
  ['--format', '--output'].find((flag) => takes(command, flag)) ?? null;

const takes = (command: Command, flag: string) =>
  command.options.some(({ short, long }) => flag === short || flag === long);

/** As it is called, such as `sequence-failover report`. */
const fullName = (command: Command): string =>
  command.parent === null ? command.name() : `${fullName(command.parent)} ${command.name()}`;

const firstLine = (text: string) => text.split('\n', 1)[0] ?? '';

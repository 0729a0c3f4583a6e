import type { Command } from 'commander';
import { createProgram } from '../../src/cli/program.js';

/** Columns of the help in the documentation. */
const WIDTH = 100;

export function commandNames(): string[] {
  const program = createProgram('sequence-failover');
  return program
    .createHelp()
    .visibleCommands(program)
    .map((command) => command.name());
}

/** What `sequence-failover <name> --help` prints. */
export function helpOf(name: string): string {
  const command = createProgram('sequence-failover').commands.find((one) => one.name() === name);
  if (command === undefined) throw new Error(`there is no command ${name}`);
  return printed(command);
}

function printed(command: Command): string {
  let text = '';
  command.configureOutput({
    writeOut: (more) => (text += more),
    getOutHelpWidth: () => WIDTH,
    getOutHasColors: () => false,
  });
  command.outputHelp();
  return `${text.trim()}\n`;
}

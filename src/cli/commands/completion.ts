import type { Command } from 'commander';
import { EXIT } from '../exit-codes.js';

export function addCompletion(program: Command): void {
  program
    .command('completion')
    .argument('<shell>', 'bash')
    .description('prints what makes the shell complete commands and options')
    .addHelpText('after', `\nExample:\n  $ source <(sequence-failover completion bash)`)
    .action((shell: string) => {
      if (shell === 'bash') process.stdout.write(`${bashCompletion(program)}\n`);
      else {
        process.stderr.write(`There is no completion for ${shell}: expected bash\n`);
        process.exitCode = EXIT.usage;
      }
    });
}

function bashCompletion(program: Command): string {
  const options = (command: Command) => command.options.flatMap(({ long }) => long ?? []);
  const commands = program.commands.map((command) => command.name());
  return [
    '_sequence_failover() {',
    // compgen takes the words apart by IFS, which the user may have changed.
    "  local IFS=$' \\t\\n' words=",
    '  case "${COMP_WORDS[1]}" in',
    ...program.commands.map(
      (command) => `    ${command.name()}) words='${[...options(command), '--help'].join(' ')}' ;;`,
    ),
    '  esac',
    `  [ "$COMP_CWORD" -gt 1 ] || words='${commands.join(' ')}'`,
    '  COMPREPLY=($(compgen -W "$words" -- "${COMP_WORDS[COMP_CWORD]}"))',
    '}',
    'complete -o default -F _sequence_failover sequence-failover temporal-sequences',
  ].join('\n');
}

import { Argument, type Command } from 'commander';
import { bashCompletion } from '../completion/bash.js';
import { completeForTemporal } from '../completion/candidates.js';
import { describeCommands } from '../completion/model.js';
import { zshCompletion } from '../completion/zsh.js';
import { help } from '../help.js';

const scripts = { bash: bashCompletion, zsh: zshCompletion };

export function addCompletion(program: Command): void {
  const command = program
    .command('completion')
    .addArgument(new Argument('<shell>').choices(Object.keys(scripts)))
    .description('Print a script that makes the shell complete commands and options')
    .action((shell: keyof typeof scripts) => {
      process.stdout.write(`${scripts[shell](describeCommands(program)).join('\n')}\n`);
    });
  help(command, {
    about: [
      'Put the line of the example into ~/.bashrc or ~/.zshrc to keep it; in zsh after compinit.',
      'What "temporal completion" makes for your shell completes "temporal sequences" too, if temporal-sequences is on the PATH.',
    ],
    examples: ['source <(sequence-failover completion bash)', 'source <(sequence-failover completion zsh)'],
  });
  program
    .command('__complete', { hidden: true })
    .argument('[words...]')
    .allowUnknownOption()
    .helpOption(false)
    .action((words: string[]) => {
      process.stdout.write(`${completeForTemporal(describeCommands(program), words).join('\n')}\n`);
    });
}

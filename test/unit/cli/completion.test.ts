import { execFileSync, spawnSync } from 'node:child_process';
import { Argument, Command, Option } from 'commander';
import { describe, expect, it } from 'vitest';
import { bashCompletion } from '../../../src/cli/completion/bash.js';
import { candidates, completeForTemporal } from '../../../src/cli/completion/candidates.js';
import { describeCommands } from '../../../src/cli/completion/model.js';
import { zshCompletion } from '../../../src/cli/completion/zsh.js';

const program = new Command('sequence-failover').helpCommand(false);
program
  .command('start')
  .description("starts [a run]: it's new")
  .addOption(new Option('-m, --mode <mode>', 'what it does').choices(['sync', 'failover']))
  .option('-b, --buffer <buffer>', 'a preset or a number')
  .option('--file <path>', 'a file')
  .option('--tag <name>', 'repeatable', (value: string, before: string[]) => [...before, value])
  .option('--no-wait', 'return at once');
program.command('watch').argument('<workflow-id>');
program.command('completion').addArgument(new Argument('<shell>').choices(['bash', 'zsh']));
program.command('secret', { hidden: true });
const commands = describeCommands(program);

const words = (...typed: string[]) => candidates(commands, typed).map(({ word }) => word);

describe('a word can become', () => {
  it.each([
    [[''], ['start', 'watch', 'completion']],
    [['st'], ['start']],
    [
      ['start', '--'],
      ['--mode', '--buffer', '--file', '--tag', '--no-wait', '--help'],
    ],
    [
      ['start', '--mode', ''],
      ['sync', 'failover'],
    ],
    [['start', '-m', 's'], ['sync']],
    [
      ['start', '--buffer', ''],
      ['low', 'medium', 'high', 'time-critical'],
    ],
    [['start', '-b', '50'], []],
    [['start', '--file', ''], []],
    [['start', '--no-wait', '--mo'], ['--mode']],
    [
      ['completion', ''],
      ['--help', 'bash', 'zsh'],
    ],
    [['unknown', ''], []],
  ])('%j: %j', (typed, expected) => {
    expect(words(...typed)).toEqual(expected);
  });
});

it('answers the temporal command, with files where a value may be one', () => {
  expect(completeForTemporal(commands, ['wa'])).toEqual(['watch', ':4']);
  expect(completeForTemporal(commands, ['sta'])).toEqual(["start\tstarts [a run]: it's new", ':4']);
  expect(completeForTemporal(commands, ['start', '--file', ''])).toEqual([':0']);
});

it('makes bash complete the same', () => {
  const lines = [
    [''],
    ['st'],
    ['start', '--'],
    ['start', '--mode', ''],
    ['start', '-m', 's'],
    ['completion', ''],
  ];
  const script = lines.map(
    (typed) =>
      `COMP_WORDS=(sequence-failover ${typed.map((word) => `'${word}'`).join(' ')}) COMP_CWORD=${typed.length}; _sequence_failover; echo "\${COMPREPLY[*]}"`,
  );
  const said = execFileSync('bash', ['--norc', '-c', [...bashCompletion(commands), ...script].join('\n')], {
    encoding: 'utf8',
  });
  expect(said.trimEnd().split('\n')).toEqual(lines.map((typed) => words(...typed).join(' ')));
});

it('describes each option to zsh', () => {
  const script = zshCompletion(commands);
  expect(script).toContain(`      'start:starts [a run]: it'\\''s new'`);
  expect(script).toContain("      '(-m --mode)'{-m,--mode}'[what it does]:mode:(sync failover)' \\");
  expect(script).toContain(
    "      '(-b --buffer)'{-b,--buffer}'[a preset or a number]:buffer:(low medium high time-critical)' \\",
  );
  expect(script).toContain("      '(--file)--file[a file]:path:_files' \\");
  expect(script).toContain("      '*--tag[repeatable]:name: ' \\");
  expect(script).toContain("      '1:shell:(bash zsh)'");
});

const hasZsh = spawnSync('zsh', ['--version']).status === 0;
it.skipIf(!hasZsh)('and zsh can read it', () => {
  execFileSync('zsh', ['-f', '-n'], { input: zshCompletion(commands).join('\n') });
});

import { expect, it } from 'vitest';
import { createProgram } from '../../../src/cli/program.js';

/** What the command prints on stderr for wrong arguments. */
function errorOf(...args: string[]): string[] {
  const printed: string[] = [];
  const program = createProgram('sequence-failover');
  for (const command of [program, ...program.commands]) {
    command.configureOutput({ outputError: (text) => printed.push(text) });
    command.exitOverride();
  }
  expect(() => program.parse(args, { from: 'user' })).toThrow();
  return printed.join('').trimEnd().split('\n');
}

it.each([
  [['report', '--output', 'json'], 'To print JSON: sequence-failover report --format json'],
  [['report', '--json'], 'To print JSON: sequence-failover report --format json'],
  [['export', '--format=json'], 'To print JSON: sequence-failover export --output json'],
  [['check', '--json'], 'To print JSON: sequence-failover check --output json'],
  [['start', '--reason', 'x'], '--reason is an option of approve, reject'],
  [['worker', '--show-temporal'], '--show-temporal is an option of other commands'],
  [['list', '--wait'], '--wait is an option of start'],
  [['start', '--ticet', 'x'], '(Did you mean --ticket?)'],
])('%j: %s', (args, advice) => {
  const [command = '', flag = ''] = args;
  expect(errorOf(...args)).toEqual([
    `error: unknown option '${flag}'`,
    advice,
    `All options: sequence-failover ${command} --help`,
  ]);
});

it.each([
  [['start', '--verbose'], "error: unknown option '--verbose'", 'sequence-failover start --help'],
  [['worker', '--output', 'json'], "error: unknown option '--output'", 'sequence-failover worker --help'],
  [['nope'], "error: unknown command 'nope'", 'sequence-failover --help'],
  [['approve'], "error: required option '--by <name>' not specified", 'sequence-failover approve --help'],
  [['completion'], "error: missing required argument 'shell'", 'sequence-failover completion --help'],
])('%j: the help', (args, error, help) => {
  const lines = errorOf(...args);
  expect(lines[0]).toBe(error);
  expect(lines.at(-1)).toBe(`All options: ${help}`);
});

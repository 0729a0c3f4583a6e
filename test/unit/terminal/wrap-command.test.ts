import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { splitAtCommand, wrapCommand } from '../../../src/terminal/wrap-command.js';

const command = `echo approve failover-orders --by "a b" --reason 'two  words and more' --accept 'public.it'\\''s'`;

it('breaks a command into lines that a shell reads as the same command', () => {
  const lines = wrapCommand(command, 40);
  expect(lines).toEqual([
    'echo approve failover-orders \\',
    '--by "a b" \\',
    `--reason 'two  words and more' \\`,
    `--accept 'public.it'\\''s'`,
  ]);
  const run = (text: string) => execFileSync('sh', ['-c', text]).toString();
  expect(run(lines.join('\n    '))).toBe(run(command));
});

it('keeps a word with control characters whole', () => {
  expect(wrapCommand(String.raw`echo --reason $'it\'s a\nb' --yes`, 20)).toEqual([
    'echo \\',
    String.raw`--reason $'it\'s a\nb' ` + '\\',
    '--yes',
  ]);
});

it('loses no character', () => {
  expect(wrapCommand("echo it's so", 80)).toEqual(["echo it's so"]);
});

it('finds the command at the end of a sentence', () => {
  expect(splitAtCommand('fix it, then: sequence-failover check')).toEqual({
    before: 'fix it, then:',
    command: 'sequence-failover check',
  });
  expect(splitAtCommand('fix what blocks; the next recheck clears it')).toBeNull();
});

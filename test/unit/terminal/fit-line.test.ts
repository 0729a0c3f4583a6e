import { stripVTControlCharacters } from 'node:util';
import picocolors from 'picocolors';
import { expect, it } from 'vitest';
import { print } from '../../../src/cli/output.js';
import { fitLine } from '../../../src/terminal/fit-line.js';

const WIDTH = 40;

it('leaves a line that fits as it is, with its spaces', () => {
  const line = 'gate       open:  0 of 1 approvals';
  expect(fitLine(line, WIDTH)).toEqual([line]);
});

it('breaks prose at its spaces, and indents what follows', () => {
  expect(fitLine('2026-11-30 Waiting at the gate; gate blocked, 0 of 1 approvals', WIDTH)).toEqual([
    '2026-11-30 Waiting at the gate; gate',
    '  blocked, 0 of 1 approvals',
  ]);
  expect(fitLine('      plan for more room, since nothing else is left to do', WIDTH)).toEqual([
    '      plan for more room, since nothing',
    '        else is left to do',
  ]);
});

it('keeps what is below a label beside it', () => {
  expect(fitLine('headroom   least: 1000 calls, on public.a; without the 2', WIDTH)).toEqual([
    'headroom   least: 1000 calls, on',
    '           public.a; without the 2',
  ]);
  expect(fitLine('           used up first: 1000 calls, on public.a_seq', WIDTH)).toEqual([
    '           used up first: 1000 calls, on',
    '           public.a_seq',
  ]);
});

it('never breaks a command or a statement, so that it can be copied', () => {
  const command = `sequence-failover reject a --by "$USER" --reason 'called off'`;
  expect(fitLine(`Started. It can be called off: ${command}`, WIDTH)).toEqual([
    'Started. It can be called off:',
    `  ${command}`,
  ]);
  expect(fitLine(`Next: stop what writes, then approve it: ${command}`, WIDTH)).toEqual([
    'Next: stop what writes, then approve it:',
    `        ${command}`,
  ]);
  expect(fitLine(`      or accept: ${command}`, WIDTH)).toEqual(['      or accept:', `        ${command}`]);
  expect(fitLine(`Look: ${command}; then wait for the next recheck of the run`, WIDTH)).toEqual([
    'Look:',
    `  ${command};`,
    '  then wait for the next recheck of the',
    '  run',
  ]);
  for (const whole of [
    `      ALTER SEQUENCE public.a AS bigint MAXVALUE 9223372036854775807;`,
    `  ${command}`,
    `        ${command}`,
  ])
    expect(fitLine(whole, WIDTH)).toEqual([whole]);
});

it('does not break inside quotes, in which a line break would count', () => {
  const table = `--table='"It'\\''s; new"."a table with spaces"'`;
  expect(fitLine(`create it from what pg_dump shows with ${table} there`, WIDTH)).toEqual([
    'create it from what pg_dump shows with',
    `  ${table}`,
    '  there',
  ]);
});

it('leaves a row of a table as it is', () => {
  const row = 'public.a_very_long_name_seq   121541     1001   221541   applied';
  expect(fitLine(row, WIDTH)).toEqual([row]);
});

it('counts no colours, and colours all lines of a sentence', () => {
  const { red, dim } = picocolors.createColors(true);
  const lines = fitLine(red('Refused: nothing to accept under the name "NOSUCH"'), WIDTH);
  expect(lines.map(stripVTControlCharacters)).toEqual([
    'Refused: nothing to accept under the',
    '  name "NOSUCH"',
  ]);
  const [on = '', off = ''] = red('|').split('|');
  expect(lines.join('').startsWith(on)).toBe(true);
  expect(lines.join('').endsWith(off)).toBe(true);
  const code = dim(`      GRANT UPDATE ON SEQUENCE billing."Line Items_Id_seq" TO "a role";`);
  expect(fitLine(code, WIDTH)).toEqual([code]);
});

it('is done on a terminal alone', () => {
  const text = `${'word '.repeat(20)}end\nand a second line`;
  const printed = (isTTY: boolean): string => {
    let written = '';
    const to = { isTTY, columns: 80, write: (one: string) => (written += one) };
    print(to as unknown as NodeJS.WriteStream, [text]);
    return written;
  };
  expect(printed(false)).toBe(`${text}\n`);
  expect(printed(true)).toBe(
    `${'word '.repeat(16).trimEnd()}\n  ${'word '.repeat(4)}end\nand a second line\n`,
  );
});

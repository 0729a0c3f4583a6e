import { createColors } from 'picocolors';
import { expect, it } from 'vitest';
import { findingLines, findingsLines } from '../../../src/terminal/findings-lines.js';
import { shownParts } from '../../../src/findings/remedy-text.js';
import { examples } from '../findings/examples.js';

const linesOf = (remedy: string) =>
  findingLines(
    { severity: 'block', code: 'NO_EVIDENCE', message: 'nothing is known', remedy },
    { colors: createColors(false), width: 40 },
  ).slice(2);

it.each([
  [
    'make sure that the primary stays down, and wait for the next recheck',
    ['make sure that the primary stays', 'down, and wait for the next recheck'],
  ],
  [
    "find out what sets it back; if it's late, WAL of the slot is gone",
    ["find out what sets it back; if it's", 'late, WAL of the slot is gone'],
  ],
])('wraps a remedy that is prose: %s', (remedy, [first, second]) => {
  expect(linesOf(remedy)).toEqual([`  → ${String(first)}`, `    ${String(second)}`]);
});

it.each([
  ['on the primary, end what holds it: COMMIT;', ['on the primary, end what holds it:'], ['COMMIT;']],
  [
    'on the standby: SET a TO off; ALTER SEQUENCE public.moved RENAME TO orders_id_seq; or leave it',
    ['on the standby:'],
    ['SET a TO off;', 'ALTER SEQUENCE public.moved RENAME TO orders_id_seq;'],
    ['or leave it'],
  ],
  [
    "if it is gone: temporal workflow terminate --workflow-id 'a; b', then on the primary: DROP SUBSCRIPTION s;",
    ['if it is gone:'],
    ["temporal workflow terminate --workflow-id 'a; b'"],
    ['then on the primary:'],
    ['DROP SUBSCRIPTION s;'],
  ],
  [
    'on the primary: DO $remedy$ BEGIN PERFORM 1; END $remedy$; SELECT \';\', "a;b"; it copies their rows',
    ['on the primary:'],
    ['DO $remedy$ BEGIN PERFORM 1; END $remedy$;', `SELECT ';', "a;b";`],
    ['it copies their rows'],
  ],
  [
    'see for yourself: SHOW transaction_read_only; it is off if it takes writes',
    ['see for yourself:'],
    ['SHOW transaction_read_only;'],
    ['it is off if it takes writes'],
  ],
  [
    `create public."a; DROP TABLE b; --" with --table='"; SELECT 1;'; on it: DROP TABLE "c; --";`,
    ['create public."a; DROP TABLE b; --"', `with --table='"; SELECT 1;'; on it:`],
    ['DROP TABLE "c; --";'],
  ],
  [
    'approve it with {"accept": ["PRIMARY_LOST", "b"]} if that is what you want to do',
    ['approve it with', '{"accept": ["PRIMARY_LOST", "b"]} if', 'that is what you want to do'],
  ],
] as [string, ...string[][]][])(
  'prose is wrapped, and each statement has a line of its own: %s',
  (remedy, ...parts) => {
    // Prose and code take turns.
    const lines = parts.flatMap((part, at) =>
      part.map((line) => `${at % 2 === 0 ? '    ' : '      '}${line}`),
    );
    expect(linesOf(remedy)).toEqual([lines[0]?.replace('    ', '  → '), ...lines.slice(1)]);
  },
);

it('a statement before "then" ends with its semicolon, whatever is in its names', () => {
  expect(linesOf('on the standby: ALTER SEQUENCE "a; --" OWNER TO b; then start the run again')).toEqual([
    '  → on the standby:',
    '      ALTER SEQUENCE "a; --" OWNER TO b;',
    '  → then start the run again',
  ]);
});

it('no statement of a remedy is left in its prose', () => {
  for (const [code, make] of Object.entries(examples))
    for (const finding of make())
      for (const { kind, text } of shownParts(finding?.remedy ?? ''))
        if (kind === 'prose') expect(text, code).not.toMatch(/[:;] [A-Z]{3,}\b/u);
});

it.each(['see which: sequence-failover list', 'temporal workflow list'])(
  'a short command stays on one line: %s',
  (remedy) => {
    expect(linesOf(remedy)).toEqual([`  → ${remedy}`]);
  },
);

it('every remedy is shown whole', () => {
  for (const [code, make] of Object.entries(examples))
    for (const finding of make()) {
      if (finding === null) continue;
      const remedy = linesOf(finding.remedy)
        .join(' ')
        .replaceAll(/^ *→|[ ,.;]+/gu, '');
      expect(remedy.replaceAll('→', ''), code).toBe(finding.remedy.replaceAll(/[ ,.;]+|→/gu, ''));
    }
});

it('a long remedy is shown once, a short one every time', () => {
  const finding = (code: string, remedy: string) => ({
    ...{ severity: 'warn' as const, code, message: 'it is so', remedy },
  });
  const lines = (...findings: ReturnType<typeof finding>[]) =>
    findingsLines(findings, { colors: createColors(false), width: 80 }).filter(
      (line) => line !== '  it is so',
    );
  const short = 'on the standby: ALTER SEQUENCE a AS bigint;';
  const long = `${short} ALTER SEQUENCE b AS bigint; then wait`;
  const shownShort = ['  → on the standby:', '      ALTER SEQUENCE a AS bigint;'];
  const shownLong = [...shownShort, '      ALTER SEQUENCE b AS bigint;', '    then wait'];
  expect(lines(finding('A', short), finding('B', short))).toEqual([
    ...['', 'warn A', ...shownShort],
    ...['', 'warn B', ...shownShort],
  ]);
  expect(lines(finding('A', long), finding('B', long))).toEqual([
    ...['', 'warn A', ...shownLong],
    ...['', 'warn B', '  → do the same as for A above'],
  ]);
  // Several findings above have the same code.
  expect(lines(finding('A', short), finding('A', long), finding('A', long))).toEqual([
    ...['', 'warn A', ...shownShort],
    ...['', 'warn A', ...shownLong],
    ...['', 'warn A', '  → do the same as for number 2 of the findings A above'],
  ]);
});

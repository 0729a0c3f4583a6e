import { expect, it } from 'vitest';
import { shellQuoted } from '../../../../src/contract/shell.js';
import { startCommand } from '../../../../src/planning/remedies/start-command.js';

const start = { taskQueue: 'sequence-failover', workflowId: 'run-1-lost' };

it('prints a line that a shell takes as it is', () => {
  expect(startCommand({ ...start, input: { pair: "o'brien", primary: 'lost' } })).toBe(
    `temporal workflow start --type sequenceFailover --task-queue sequence-failover --fail-existing ` +
      `--workflow-id run-1-lost --input '{"pair":"o'\\''brien","primary":"lost"}'`,
  );
});

it('leaves out what does not fit into a message, and says so', () => {
  const include = Array.from({ length: 500 }, (_, index) => `public.table_${index}`);
  const command = startCommand({ ...start, input: { pair: 'a', primary: 'lost', include } });
  expect(command).toMatch(/--input '\{"pair":"a","primary":"lost"\}' \(and in the input what this run had/u);
});

it('quotes what a shell would take for more than text', () => {
  expect(['plain-1', 'a b', '$(x)', '', "it's"].map(shellQuoted)).toEqual([
    ...['plain-1', "'a b'", "'$(x)'", "''", `'it'\\''s'`],
  ]);
});

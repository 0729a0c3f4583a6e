import { expect, it } from 'vitest';
import { parseFleetInput } from '../../../src/contract/fleet.js';
import { parseInput } from '../../../src/contract/input.js';

const hook = { workflowType: 'freeze', taskQueue: 'operations' };

it.each([
  [{ hooks: {} }, 'hooks.beforeHandoff is missing; expected an object such as {"workflowType"'],
  [
    { hooks: { beforeHandof: hook } },
    'hooks.beforeHandof: found an unknown field; did you mean beforeHandoff',
  ],
  [{ hooks: { beforeHandoff: { ...hook, taskQueue: '/_sys/x' } } }, 'reserved for the Temporal server'],
  [
    { hooks: { beforeHandoff: { ...hook, workflowId: 'x' } } },
    'hooks.beforeHandoff.workflowId: found an unknown field',
  ],
  [
    { hooks: { beforeHandoff: { ...hook, timeout: '2 hours' } } },
    'a duration with a unit, from 1 second to 1 hour',
  ],
  [{ hooks: { beforeHandoff: { ...hook, input: 'x'.repeat(100_001) } } }, 'at most 100000 bytes of JSON'],
])('refuses the input %#', (input, message) => {
  const parsed = parseInput([input]);
  expect(parsed.ok ? null : parsed.message).toContain(message);
});

it('takes a hook, in a fleet for each run', () => {
  expect(parseInput([{ hooks: { beforeHandoff: { ...hook, input: { a: 1 } } } }])).toMatchObject({
    input: {
      hooks: { beforeHandoff: { ...hook, input: { a: 1 }, timeout: '5 minutes', timeoutMs: 300_000 } },
    },
  });
  expect(parseFleetInput([{ pairs: ['a'], hooks: { beforeHandoff: hook } }])).toMatchObject({
    ok: true,
    input: { defaults: { hooks: { beforeHandoff: hook } } },
  });
});

import { expect, it } from 'vitest';
import type { RunResult } from '../../../src/contract/status.js';
import { parsePromotionInput } from '../../../src/contract/promotion-input.js';
import { parseArguments } from '../../../workflows/promotion/arguments.js';
import { selectionFor } from '../../../workflows/promotion/policy.js';

const parsed = (input: object) => {
  const result = parsePromotionInput([input]);
  if (!result.ok) throw new Error(result.message);
  return result.input;
};
const record = { selection: { exclude: ['scratch.*'] } } as unknown as RunResult;

it.each([
  ['the patterns of the run that handed off', {}, record, { exclude: ['scratch.*'] }],
  ['its own patterns in place of those', { include: ['public.*'] }, record, { include: ['public.*'] }],
  ['none, if the run had none', {}, {} as unknown as RunResult, {}],
  ['none without a run', {}, null, {}],
])('a promotion uses %s', (_, input, from, selection) => {
  expect(selectionFor({ input: parsed(input), record: from })).toEqual({
    ...{ include: [], exclude: [], overrides: [] },
    ...selection,
  });
});

it('a record with other patterns than a run can have is refused', () => {
  const run = { mode: 'failover', outcome: 'handed-off', checklist: [] };
  expect(parseArguments([{ ...run, selection: { exclude: 'scratch.*' } }])).toEqual({
    ok: false,
    message: expect.stringContaining('Invalid input: the record of the run: exclude: found') as string,
  });
  expect(parseArguments([{ ...run, selection: record.selection }]).ok).toBe(true);
});

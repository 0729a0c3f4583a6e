import { expect, it } from 'vitest';
import { assigningTriggers } from '../../../../src/planning/pair/hidden-feeds.js';
import type { Obstruction } from '../../../../src/steps/obstruction.js';

const assigned = (table: string, state = '1'): Obstruction => ({
  ...{ kind: 'assigned', what: `public.${table}.id`, owner: 'fill', seconds: null, state },
  detail: 'public.f',
});

it('is no finding where the primary has the same trigger with the same function', () => {
  expect(assigningTriggers([assigned('a')], [assigned('a')])).toEqual([]);
  expect(assigningTriggers([assigned('a', '2')], [assigned('a')])).toHaveLength(1);
});

it('says that a check names the triggers beyond the first five', () => {
  const remedyFor = (count: number) => {
    const found = Array.from({ length: count }, (_, n) => assigned(`t${n}`));
    return assigningTriggers([], found)[0]?.remedy;
  };
  expect(remedyFor(5)).toMatch(/ALTER TABLE public\.t4 DISABLE TRIGGER fill; or give [^.]*$/);
  expect(remedyFor(7)).toMatch(
    /ALTER TABLE public\.t4 DISABLE TRIGGER fill; or give .*\. When this is done, a run in the mode check names the other 2$/,
  );
});

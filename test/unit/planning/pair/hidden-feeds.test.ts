import { expect, it } from 'vitest';
import { hiddenFeeds } from '../../../../src/planning/pair/hidden-feeds.js';
import type { Obstruction } from '../../../../src/steps/obstruction.js';

const hidden = (what: string): Obstruction => ({
  ...{ kind: 'hidden', what, owner: null, seconds: null, state: null },
  detail: 'its default calls public.next_id',
});

const remedyFor = (...names: string[]) => hiddenFeeds(names.map(hidden))[0]?.remedy ?? '';

it('has a query for each column, also where the message names only the first five', () => {
  const columns = Array.from({ length: 20 }, (_, n) => `public.t.c${n}`);
  const remedy = remedyFor(...columns, 'public.with_trigger');
  expect(remedy.match(/SELECT max\(c\d+\) FROM public\.t;/gu)).toHaveLength(20);
  expect(remedy).not.toContain('the first');
  expect(remedyFor('public.with_trigger')).toMatch(/of their sequences; where a sequence is behind/u);
});

it('says how many columns have no query, and how all are found', () => {
  const remedy = remedyFor(...Array.from({ length: 23 }, (_, n) => `public.t.c${n}`));
  expect(remedy.match(/SELECT max/gu)).toHaveLength(20);
  expect(remedy).toMatch(/, on both sides \(the first 20 of 23 columns\): SELECT /u);
  expect(remedy).toMatch(/ grep nextval finds all of them$/u);
});

import { expect, it } from 'vitest';
import { Acceptance } from '../../../src/findings/acceptance.js';
import { digest } from '../../../src/steps/digest.js';

const finding = {
  code: 'TABLES_NOT_READY',
  sequence: null,
  count: 1,
  message: 'the subscription sub has 1 table that is not ready: public.orders (d)',
};

const coversShown = (entry: string, more: object = {}) =>
  new Acceptance([entry]).coversShown({ ...finding, ...more });

it('covers a finding of a status only if its message names the thing', () => {
  expect(coversShown('TABLES_NOT_READY')).toBe(true);
  expect(coversShown('TABLES_NOT_READY public.orders')).toBe(true);
  expect(coversShown('TABLES_NOT_READY public.customers')).toBe(false);
  expect(coversShown('NOT_PUBLISHED public.orders')).toBe(false);
});

it.each(['orders', 'public.order', 'public', 'ublic.orders', 'public.ord'])(
  'a part of a name is another name: %s',
  (part) => {
    expect(coversShown(`TABLES_NOT_READY ${part}`)).toBe(false);
  },
);

it('covers by a name in quotes, and at the end of a sentence', () => {
  const message = 'these tables are not ready: public."B c", public.a.';
  expect(coversShown('TABLES_NOT_READY public."B c"', { message })).toBe(true);
  expect(coversShown('TABLES_NOT_READY public.a', { message })).toBe(true);
});

it('goes by the things of a finding, where they are known, and not by its message', () => {
  const things = [digest('public.orders'), digest('public.customers')].sort();
  expect(coversShown('TABLES_NOT_READY public.orders', { things, count: 2 })).toBe(false);
  const both = ['TABLES_NOT_READY public.orders', 'TABLES_NOT_READY public.customers'];
  expect(new Acceptance(both).coversShown({ ...finding, things, count: 2 })).toBe(true);
});

it('covers a finding about a sequence by its name, alone or after the code', () => {
  const about = { sequence: 'public.a_seq', message: 'other tables' };
  expect(coversShown('public.a_seq', about)).toBe(true);
  expect(coversShown('TABLES_NOT_READY public.a_seq', about)).toBe(true);
  expect(coversShown('public.b_seq', about)).toBe(false);
});

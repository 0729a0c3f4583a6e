import { expect, it } from 'vitest';
import type { Decision } from '../../../src/record/decisions.js';
import type { FinalStatus } from '../../../src/report/final-status.js';
import { findingsOf } from '../../../src/report/findings.js';

const block = (message: string) => ({
  ...{ severity: 'block', code: 'TABLES_NOT_READY', sequence: null, count: 1, message, remedy: '' },
});

const decision = (by: string, accept: string[], effect: Decision['effect'] = 'accepted') =>
  ({ by, accept, effect }) as unknown as Decision;

it('names the approvers of each finding, also of one thing of its code', () => {
  const status = { findings: [block('public.orders (d)'), block('public.customers (d)')] };
  const found = findingsOf(
    { status } as unknown as FinalStatus,
    [],
    [
      decision('alice', ['TABLES_NOT_READY public.orders']),
      decision('bob', ['TABLES_NOT_READY']),
      decision('carol', ['TABLES_NOT_READY public.orders'], 'refused'),
    ],
  );
  expect(found.map(({ message, acceptedBy }) => [message, acceptedBy])).toEqual([
    ['public.orders (d)', ['alice', 'bob']],
    ['public.customers (d)', ['bob']],
  ]);
});

import { expect, it } from 'vitest';
import type { PrimarySequence } from '../../../../src/steps/rows.js';
import { primaryRate, type Earlier } from '../../../../src/planning/rows/primary-rate.js';

const T0 = Date.parse('2026-01-02T03:04:05.000Z');
const at = (ms: number) => new Date(T0 + ms).toISOString();

const sequence: PrimarySequence = {
  schema: 'public',
  name: 'a',
  sequence: 'public.a',
  oid: 1,
  increment: '1',
  min: '1',
  max: '9223372036854775807',
  cache: '1',
  last: '1000',
  called: true,
};

const rate = (changes: Partial<PrimarySequence>, earlier: Partial<Earlier>) =>
  primaryRate({ ...sequence, ...changes }, at(30_000), {
    sample: { next: null, at: at(0) },
    recorded: [],
    leastMs: 30_000,
    ...earlier,
  });

it('is what the sample shows', () => {
  expect(rate({}, { sample: { next: '701', at: at(0) } })).toEqual({ calls: '300', elapsedMs: '30000' });
  const descending = { increment: '-10', last: '-1000', called: true };
  expect(rate(descending, { sample: { next: '-910', at: at(0) } })).toEqual({
    calls: '10',
    elapsedMs: '30000',
  });
});

it('is what an earlier round shows, where that is faster', () => {
  const sample = { next: '701', at: at(0) };
  const recorded = [{ next: 1n, at: T0 - 10_000 }];
  expect(rate({}, { sample, recorded })).toEqual({ calls: '1000', elapsedMs: '40000' });
  expect(rate({}, { sample, recorded: [{ next: 1n, at: T0 - 970_000 }] })).toEqual({
    calls: '300',
    elapsedMs: '30000',
  });
  expect(rate({}, { recorded })).toEqual({ calls: '1000', elapsedMs: '40000' });
});

it('is not known from an earlier round that is nearer than the sample is long', () => {
  expect(rate({}, { recorded: [{ next: 1n, at: T0 + 1 }] })).toBeNull();
});

it('is not known of a sequence that was restarted, was not in the sample, or could not be read', () => {
  const sample = { next: '5000', at: at(0) };
  expect(rate({}, { sample, recorded: [{ next: 9_000n, at: T0 - 60_000 }] })).toBeNull();
  expect(rate({}, {})).toBeNull();
  const { last, called, ...unread } = sequence;
  expect([last, called]).toEqual(['1000', true]);
  expect(
    primaryRate(unread, at(30_000), { sample: { next: '1', at: at(0) }, recorded: [], leastMs: 1 }),
  ).toBeNull();
});

it('is none of a sequence at rest', () => {
  expect(rate({}, { sample: { next: '1001', at: at(0) } })).toBeNull();
});

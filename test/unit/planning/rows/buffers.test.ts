import { expect, it } from 'vitest';
import type { Policy } from '../../../../src/steps/identity.js';
import { compileBuffers } from '../../../../src/planning/rows/buffers.js';

const measure = (minimum: string) => ({
  measure: { sampleFor: '30 seconds' },
  maxFailoverSeconds: 600,
  safetyFactor: 2,
  minimum,
});

const policy: Policy = {
  include: [],
  exclude: [],
  buffer: { preset: 'low' },
  overrides: [
    { match: 'public.*', buffer: measure('5000') },
    { match: 'public.fixed', buffer: { calls: '7' } },
  ],
};

const of = (
  schema: string,
  name: string,
  more: { oid?: number; rate?: { calls: string; elapsedMs: string } } = {},
) => ({
  schema,
  name,
  oid: 1,
  ...more,
});
const rate = { calls: '3000', elapsedMs: '30000' };

it('measures where the last override that matches says so, and nowhere else', () => {
  const buffer = compileBuffers(policy);
  expect(buffer(of('audit', 'a', { rate }))).toEqual({ calls: 10_000n, measured: false });
  expect(buffer(of('public', 'fixed', { rate }))).toEqual({ calls: 7n, measured: false });
  expect(buffer(of('public', 'a', { rate }))).toEqual({ calls: 120_000n, measured: true });
  expect(buffer(of('public', 'a'))).toEqual({ calls: 5_000n, measured: false });
});

it('keeps at a later look what the round measured, whatever the rate is now', () => {
  const buffer = compileBuffers({ ...policy, measured: { byOid: [[1, '120000']], others: '6000' } });
  expect(buffer(of('public', 'a'))).toEqual({ calls: 120_000n, measured: true });
  expect(buffer(of('public', 'b', { oid: 2, rate }))).toEqual({ calls: 6_000n, measured: true });
  expect(buffer(of('public', 'fixed'))).toEqual({ calls: 7n, measured: false });
});

it('never goes below the minimum', () => {
  const buffer = compileBuffers({ ...policy, measured: { byOid: [], others: '0' } });
  expect(buffer(of('public', 'created_meanwhile'))).toEqual({ calls: 5_000n, measured: false });
});

import { ActivityFailure, ApplicationFailure } from '@temporalio/common';
import { expect, it } from 'vitest';
import { errorTypeOf } from '../../../src/tracing/error-type.js';
import { readCarrier, spanIdOf, toCarrier, traceIdOf } from '../../../src/tracing/workflow-span.js';

const traceId = '5b8aa5a2d2c872e8321cf37308d69df2';
const spanId = '051581bf3cb55c13';

it('reads the context that it writes', () => {
  for (const context of [
    { traceId, spanId, isSampled: true, traceState: null },
    { traceId, spanId, isSampled: false, traceState: 'vendor=1' },
  ]) {
    expect(readCarrier(toCarrier(context))).toEqual(context);
  }
});

it.each([
  ...[undefined, null, 'text', 1, [], {}, { traceparent: 1 }, { traceparent: '00-1-2-01' }],
  { traceparent: `00-${'0'.repeat(32)}-${spanId}-01` },
  { traceparent: `00-${traceId}-${'0'.repeat(16)}-01` },
])('reads no context in %j', (carrier) => {
  expect(readCarrier(carrier)).toBeNull();
});

it('gives a run without a trace the ID of its first run, and each of its steps an ID of its own', () => {
  expect(traceIdOf('01a21fbe-38cb-7d80-80a4-444b79f02bda')).toBe('01a21fbe38cb7d8080a4444b79f02bda');
  expect(traceIdOf('any name')).toMatch(/^[0-9a-f]{32}$/);
  const ids = Array.from({ length: 2_000 }, (_, seq) => spanIdOf('a run', `activity/${seq}`));
  expect(new Set(ids).size).toBe(2_000);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{16}$/);
});

it('names a failure by its type, or that of its cause, and never by its message', () => {
  const failure = ApplicationFailure.nonRetryable('public.secret_seq is behind', 'NotReady');
  expect(errorTypeOf(failure)).toBe('NotReady');
  const activity = new ActivityFailure(
    'failed',
    'applyTargets',
    '1',
    'NON_RETRYABLE_FAILURE',
    undefined,
    failure,
  );
  expect(errorTypeOf(activity)).toBe('NotReady');
  expect(errorTypeOf(new TypeError('x'))).toBe('TypeError');
  expect(errorTypeOf(ApplicationFailure.nonRetryable('x', 'a type with spaces'))).toBe('ApplicationFailure');
  expect(errorTypeOf('text')).toBe('Error');
});

import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/cli/exit-codes.js';
import { LimitOver, TimeLimit, timeoutMs } from '../../../src/cli/time-limit.js';

it.each([
  ['600', 600_000],
  ['10 minutes', 600_000],
  ['1.5h', 5_400_000],
  ['250ms', 250],
])('the time of --timeout %s', (text, ms) => {
  expect(timeoutMs(text)).toBe(ms);
});

it.each(['', '0', '-1', 'soon', '10 parsecs', '25 days', '1e3'])('--timeout %j is refused', (text) => {
  expect(() => timeoutMs(text)).toThrow(
    new UsageError(
      `--timeout: found ${text}; expected a duration of at most 24 days, such as '10 minutes', or a number of seconds`,
    ),
  );
});

describe('a limit', () => {
  it('is over after its time, whether or not the work ends', async () => {
    const limit = new TimeLimit('20ms');
    await expect(limit.within(new Promise(() => undefined))).rejects.toBeInstanceOf(LimitOver);
    await expect(limit.within(Promise.resolve('late').then((late) => late))).resolves.toBe('late');
  });

  it('does not matter to work that ends in time', async () => {
    const limit = new TimeLimit('1 hour');
    await expect(limit.within(Promise.resolve(1))).resolves.toBe(1);
    await expect(new TimeLimit('1 hour').within(Promise.reject(new Error('no')))).rejects.toThrow('no');
    await expect(new TimeLimit(undefined).within(Promise.resolve(2))).resolves.toBe(2);
  });
});

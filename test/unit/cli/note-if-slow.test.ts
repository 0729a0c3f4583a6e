import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { whileNoWorkerAnswers } from '../../../src/cli/note-if-slow.js';

const written: string[] = [];
beforeEach(() => {
  vi.useFakeTimers();
  written.length = 0;
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    written.push(String(text));
    return true;
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

it('says after three seconds what a command waits for, and what can be done meanwhile', async () => {
  let answer: (value: number) => void = () => undefined;
  const answered = new Promise<number>((resolve) => (answer = resolve));
  const waiting = whileNoWorkerAnswers(answered, 'Start one');
  await vi.advanceTimersByTimeAsync(2_900);
  expect(written).toEqual([]);
  await vi.advanceTimersByTimeAsync(200);
  expect(written).toEqual(['Still waiting for the answer of a worker. Start one\n']);
  answer(7);
  expect(await waiting).toBe(7);
});

it('says nothing if the answer comes soon', async () => {
  expect(await whileNoWorkerAnswers(Promise.resolve(7))).toBe(7);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(written).toEqual([]);
});

import { expect, it } from 'vitest';
import { mapConcurrently } from '../../../src/concurrency/map-concurrently.js';

it('works on a few at once, in order, and answers in order', async () => {
  let running = 0;
  let most = 0;
  const begun: number[] = [];
  const results = await mapConcurrently(3, [5, 1, 4, 1, 3, 2], async (item, index) => {
    begun.push(index);
    most = Math.max(most, (running += 1));
    for (let turn = 0; turn < item; turn += 1) await Promise.resolve();
    running -= 1;
    return item * 10;
  });
  expect({ results, begun, most }).toEqual({
    results: [50, 10, 40, 10, 30, 20],
    begun: [0, 1, 2, 3, 4, 5],
    most: 3,
  });
});

it('begins nothing after a failure, and waits for what was begun', async () => {
  const ended: number[] = [];
  const begun: number[] = [];
  const work = mapConcurrently(2, [0, 1, 2, 3], async (item) => {
    begun.push(item);
    await Promise.resolve();
    if (item === 0) throw new Error('the first page failed');
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
    ended.push(item);
  });
  await expect(work).rejects.toThrow('the first page failed');
  expect({ begun, ended }).toEqual({ begun: [0, 1], ended: [1] });
});

it('has nothing to do without items', async () => {
  expect(await mapConcurrently(4, [], () => Promise.resolve(1))).toEqual([]);
});

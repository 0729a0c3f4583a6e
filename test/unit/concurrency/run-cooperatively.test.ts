import { expect, it } from 'vitest';
import { runSynchronously } from '../../../src/concurrency/run-synchronously.js';
import { runCooperatively } from '../../../src/concurrency/run-cooperatively.js';

/** So many steps, each of which takes longer than a turn. */
function* slow(steps: number): Generator<number, string> {
  for (let step = 0; step < steps; step += 1) {
    const until = performance.now() + 25;
    while (performance.now() < until);
    yield step;
  }
  return 'done';
}

it('lets others have their turn between the steps', async () => {
  let turns = 0;
  let over = false;
  const others = () => {
    if (over) return;
    turns += 1;
    setImmediate(others);
  };
  setImmediate(others);
  expect(await runCooperatively(slow(4))).toBe('done');
  over = true;
  expect(turns).toBeGreaterThanOrEqual(4);
});

it('passes on what the work throws', async () => {
  // eslint-disable-next-line require-yield
  function* failing(): Generator<void, never> {
    throw new Error('enough');
  }
  await expect(runCooperatively(failing())).rejects.toThrow('enough');
  expect(() => runSynchronously(failing())).toThrow('enough');
});

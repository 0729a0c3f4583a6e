import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FairSemaphore } from '../../../src/postgres/session/fair-semaphore.js';
import { lockBudget } from '../../../src/postgres/session/lock-budget.js';

describe('FairSemaphore', () => {
  it('never gives out more than its capacity, serves all, and in the order of their coming', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 50 }),
        fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 30 }),
        fc.scheduler(),
        async (capacity, amounts, scheduler) => {
          const semaphore = new FairSemaphore(capacity);
          let held = 0;
          const served: number[] = [];
          const all = amounts.map(async (amount, index) => {
            const release = await semaphore.acquire(amount);
            served.push(index);
            held += Math.min(amount, capacity);
            expect(held).toBeLessThanOrEqual(capacity);
            await scheduler.schedule(Promise.resolve());
            held -= Math.min(amount, capacity);
            release();
            release();
          });
          await scheduler.waitFor(Promise.all(all));
          expect(held).toBe(0);
          expect(served).toEqual(amounts.map((_, index) => index));
        },
      ),
    );
  });

  it('lets nobody overtake one who waits for much', async () => {
    const semaphore = new FairSemaphore(3);
    const releaseFirst = await semaphore.acquire(2);
    const order: string[] = [];
    const much = semaphore.acquire(3).then((release) => {
      order.push('much');
      release();
    });
    const little = semaphore.acquire(1).then((release) => {
      order.push('little');
      release();
    });
    releaseFirst();
    await Promise.all([much, little]);
    expect(order).toEqual(['much', 'little']);
  });
});

describe('lockBudget', () => {
  it.each([
    ['the default settings', 64, 100, 0, { total: 640, perTransaction: 320 }],
    ['a large server', 256, 500, 50, { total: 14_080, perTransaction: 500 }],
    ['a small server', 10, 20, 0, { total: 20, perTransaction: 10 }],
    ['the smallest there can be', 10, 1, 0, { total: 1, perTransaction: 1 }],
  ])(
    'is a tenth of the lock table: %s',
    (_, maxLocksPerTransaction, maxConnections, maxPreparedTransactions, budget) => {
      expect(lockBudget({ maxLocksPerTransaction, maxConnections, maxPreparedTransactions })).toEqual(budget);
    },
  );
});

import { describe, expect, it } from 'vitest';
import type { Forward } from '../../../workflows/fleet/member.js';
import { AT_ONCE, BYTES_AT_ONCE, Outbox } from '../../../workflows/fleet/fleet-outbox.js';

const forward = (pair: string, by: string): Forward => ({
  pair,
  workflowId: `fleet/${pair}`,
  kind: 'approve',
  argument: { by },
});

/** Pairs that take nothing until they are let. */
function slowPairs() {
  const delivered: string[] = [];
  const underWay = new Map<string, () => void>();
  let most = 0;
  const outbox = new Outbox(async ({ pair, argument }) => {
    expect(underWay.has(pair), `${pair} is told one thing at a time`).toBe(false);
    await new Promise<void>((resolve) => {
      underWay.set(pair, resolve);
      most = Math.max(most, underWay.size);
    });
    underWay.delete(pair);
    delivered.push(`${pair} ${argument.by}`);
  });
  const take = async (pair: string) => {
    underWay.get(pair)?.();
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
  };
  return { outbox, delivered, underWay, take, most: () => most };
}

describe('what a fleet passes on', () => {
  it('is never more at once than a quarter of what the server takes, and all of it arrives', async () => {
    const { outbox, delivered, underWay, take, most } = slowPairs();
    const pairs = Array.from({ length: 1_000 }, (_, index) => `pair ${index}`);
    const people = ['alice', 'bob', 'carol'];
    for (const by of people) for (const pair of pairs) outbox.put(forward(pair, by));
    expect(underWay.size).toBe(AT_ONCE);
    expect(outbox.size).toBe(3_000);
    for (let [pair] = underWay.keys(); pair !== undefined; [pair] = underWay.keys()) await take(pair);
    expect(most()).toBe(AT_ONCE);
    expect(outbox.size).toBe(0);
    for (const pair of pairs) {
      expect(delivered.filter((one) => one.startsWith(`${pair} `))).toEqual(
        people.map((by) => `${pair} ${by}`),
      );
    }
  });

  it('is never more bytes at once than a message takes, one decision aside', async () => {
    const { outbox, delivered, underWay, take, most } = slowPairs();
    const third = 'x'.repeat(BYTES_AT_ONCE / 3);
    for (const pair of ['a', 'b', 'c', 'd']) outbox.put(forward(pair, third));
    outbox.put(forward('e', 'x'.repeat(2 * BYTES_AT_ONCE)));
    expect([...underWay.keys()]).toEqual(['a', 'b']);
    for (let [pair] = underWay.keys(); pair !== undefined; [pair] = underWay.keys()) await take(pair);
    expect(most()).toBe(2);
    expect(delivered.map((one) => one[0])).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(outbox.size).toBe(0);
  });

  it('waits for no other pair', async () => {
    const { outbox, delivered, take } = slowPairs();
    outbox.put(forward('slow', 'alice'));
    outbox.put(forward('slow', 'bob'));
    outbox.put(forward('quick', 'alice'));
    await take('quick');
    outbox.put(forward('quick', 'bob'));
    await take('quick');
    expect(delivered).toEqual(['quick alice', 'quick bob']);
    await take('slow');
    await take('slow');
    expect(delivered.slice(2)).toEqual(['slow alice', 'slow bob']);
    expect(outbox.size).toBe(0);
  });
});

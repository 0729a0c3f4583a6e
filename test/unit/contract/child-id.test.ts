import fc from 'fast-check';
import { expect, it } from 'vitest';
import { childId } from '../../../src/steps/child-id.js';
import { utf8Bytes } from '../../../src/contract/parsing/text.js';

const page = 'a1b2c3d4e5f6/round-1234567/page-12345';

it('is the ID of the parent and what follows it, where that fits', () => {
  expect(childId('failover-1', page)).toBe(`failover-1/${page}`);
  const longest = 'x'.repeat(999 - page.length);
  expect(childId(longest, page)).toBe(`${longest}/${page}`);
});

it('is never longer than Temporal takes, and tells parents and suffixes apart', () => {
  const id = fc
    .string({ unit: 'binary', minLength: 1, maxLength: 990 })
    .filter((text) => utf8Bytes(text) <= 1000);
  fc.assert(
    fc.property(id, id, (one, other) => {
      expect(utf8Bytes(childId(one, page))).toBeLessThanOrEqual(1000);
      expect(childId(one, page).isWellFormed()).toBe(true);
      expect(childId(one, page) === childId(other, page)).toBe(one === other);
    }),
  );
  const pair = '🐘'.repeat(200);
  const fleet = 'x'.repeat(1000);
  expect(utf8Bytes(childId(fleet, pair))).toBeLessThanOrEqual(1000);
  expect(childId(childId(fleet, pair), page)).not.toBe(childId(childId(fleet, `${pair.slice(2)}🐬`), page));
});

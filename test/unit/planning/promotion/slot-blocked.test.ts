import { expect, it } from 'vitest';
import { slotBlocked } from '../../../../src/planning/promotion/slot-blocked.js';

const since = '2026-01-02T03:04:05Z';

it('names the transactions that a slot waits for, and how each ends', () => {
  const text = slotBlocked(
    [
      { pid: 7, gid: null, role: 'app', application: 'nightly', database: 'other', since },
      { pid: null, gid: "it's", role: 'app', application: '', database: 'The shop', since },
    ],
    10_000,
  );
  expect(text).toContain('more than 10 s');
  expect(text).toContain(
    `process 7 of the role app (application "nightly") in the database other, since ${since}, the prepared transaction it's of the role app in the database The shop, since ${since}. Let them end`,
  );
  expect(text).toContain(
    `SELECT pg_terminate_backend(7); in the database "The shop": COMMIT PREPARED 'it''s'; or ROLLBACK PREPARED 'it''s'; Then start again`,
  );
});

it('does not make up a transaction that nobody sees any more', () => {
  expect(slotBlocked([], 10_000)).toMatch(/None is open any more, .* start again$/u);
});

it('describes the first transactions, and ends all of them', () => {
  const blockers = [1, 2, 3, 4, 5, 6].map((pid) => ({
    ...{ pid, gid: null, role: 'alice', application: '', database: 'app', since: '2026-11-30T07:00:00Z' },
  }));
  const message = slotBlocked(blockers, 10_000);
  expect(message).toContain('process 5 of the role alice in the database app, since 2026-11-30T07:00:00Z');
  expect(message).not.toContain('process 6');
  expect(message.match(/pg_terminate_backend\(\d\)/gu)).toHaveLength(6);
});

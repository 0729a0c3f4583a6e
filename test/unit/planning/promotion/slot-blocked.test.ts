import { describe, expect, it } from 'vitest';
import { slotBlocked, slotWillWait } from '../../../../src/planning/promotion/slot-blocked.js';

const since = '2026-01-02T03:04:05Z';
const age = { since, seconds: 95, background: false };

it('names the transactions that a slot waits for, and how each ends', () => {
  const text = slotBlocked(
    [
      { pid: 7, gid: null, role: 'app', application: 'nightly', database: 'other', ...age },
      { pid: null, gid: "it's", role: 'app', application: '', database: 'The shop', ...age },
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
    ...{ pid, gid: null, role: 'alice', application: '', database: 'app', ...age },
  }));
  const message = slotBlocked(blockers, 10_000);
  expect(message).toContain('process 5 of the role alice in the database app, since 2026-01-02T03:04:05Z');
  expect(message).not.toContain('process 6');
  expect(message.match(/pg_terminate_backend\(\d\)/gu)).toHaveLength(6);
});

describe('before anything is changed', () => {
  const app = { role: 'app', application: '', database: 'The shop', ...age };
  const otherwise =
    'if no way back is needed, start again with "failback": false in the input of the promotion (of a run: in its handoff.input); otherwise, ';
  it.each([
    [
      { pid: 7, gid: null, background: false },
      'process 7',
      'wait until it has ended, or end it, on the standby: SELECT pg_terminate_backend(7);',
    ],
    // It would begin again.
    [{ pid: 7, gid: null, background: true }, 'process 7', 'wait until it has ended'],
    [
      { pid: null, gid: 'mine', background: false },
      'the prepared transaction mine',
      `wait until it has ended, or end it, on the standby: in the database "The shop": COMMIT PREPARED 'mine'; or ROLLBACK PREPARED 'mine';`,
    ],
    // Without it, its apply worker would fail.
    [
      { pid: null, gid: 'pg_gid_16394_751', background: false },
      'the prepared transaction pg_gid_16394_751',
      'wait until it has ended: the subscription ends it, when the same prepared transaction ends on its publisher',
    ],
  ])(
    'says who has a transaction open for whose end the slot would wait, and how it ends',
    (one, who, how) => {
      expect(slotWillWait({ ...app, ...one })).toEqual({
        ...{ severity: 'block', code: 'STANDBY_TRANSACTION', sequence: null, count: 1 },
        message: `on the standby, ${who} of the role app in the database The shop ${one.gid === null ? 'has written in a transaction that is' : 'is'} 1 minute 35 seconds old: the slot of the way back cannot be created before it ends`,
        remedy: `${otherwise}${how}`,
      });
    },
  );

  it('advises nobody to end the transaction of an apply worker', () => {
    expect(slotBlocked([{ ...app, pid: 7, gid: null, background: true }], 10_000)).toMatch(
      /Let them end\. Then start again/u,
    );
  });
});

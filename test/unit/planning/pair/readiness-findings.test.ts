import { describe, expect, it } from 'vitest';
import { digest } from '../../../../src/steps/digest.js';
import type { ReplicationLag } from '../../../../src/steps/subscriptions.js';
import { readOnlyByDefault, refusals } from '../../../../src/planning/pair/readiness-findings.js';
import {
  notCaughtUp,
  replicationFindings,
  type SubscriptionState,
} from '../../../../src/planning/pair/replication-findings.js';
import { mergeSubscriptions } from '../../../../src/planning/pair/known-subscriptions.js';
import {
  subscriptionsGone,
  subscriptionsReplaced,
} from '../../../../src/planning/pair/subscriptions-gone.js';

const writable = {
  ...{ unsupported: null, inRecovery: false, writesRefused: null, readOnlyByDefault: false },
};

it.each([
  ['orders', 'reversed:orders', 'reversed:orders'],
  ['reversed:my orders', 'my orders', "'my orders'"],
])('roles that look swapped on %s: the remedy has the command of the way back', (pair, other, quoted) => {
  const state = { pair, primary: writable, standby: writable, same: false, swapped: ['"Way back"'] };
  expect(refusals(state)).toEqual([
    `the roles look swapped: the primary subscribes to the standby ("Way back"); if a promotion has switched them, use the pair ${other} from now on; the way back is: sequence-failover promote --pair ${quoted}; otherwise exchange the two URLs, or drop that subscription if it is left over from an earlier setup`,
  ]);
});

describe('a side that is read-only by default', () => {
  const state = { ...writable, readOnlyByDefault: true, database: "it's", user: 'runner' };

  it('says where the grants are that only the ledger has, if PUBLIC may not connect', () => {
    const identity = { systemIdentifier: '7', databaseOid: '5', database: "it's" };
    const [closed] = readOnlyByDefault('standby', { ...state, identity, publicMayConnect: false });
    expect(closed?.remedy).toContain(
      `SELECT workflow_id, fence -> 'connect' -> 'revoked' AS revoked, fence -> 'connect' -> 'granted' AS granted, fence -> 'readOnly' AS settings FROM sequence_failover.promotions WHERE state IN ('promoted', 'unfinished') AND fence IS NOT NULL AND primary_server @> '{"systemIdentifier":"7","databaseOid":"5"}'::jsonb ORDER BY finished_at DESC LIMIT 1;`,
    );
    const [without] = readOnlyByDefault('standby', { ...state, identity, publicMayConnect: false }, false);
    expect(`${without?.message} ${without?.remedy}`).not.toMatch(/TO PUBLIC|PUBLIC may not/u);
    expect(without?.remedy).toContain('sequence_failover.promotions');
    const [open] = readOnlyByDefault('standby', { ...state, publicMayConnect: true });
    expect(open?.remedy).not.toContain('ledger');
  });

  it('says on the primary where the statements are, if a promotion could not undo it', () => {
    expect(readOnlyByDefault('primary', state)[0]?.remedy).toMatch(
      /^no action is needed: .* NotUndone has left it: sequence-failover status <its workflow ID> shows/u,
    );
  });

  it.each([
    ['user', 'the role runner'],
    ['database user', 'the role runner'],
    ['client', 'the connections of the worker'],
  ])('does not take a setting on the primary for a fence that is one of %j', (readOnlySource, owner) => {
    expect(readOnlyByDefault('primary', { ...state, readOnlySource })[0]?.remedy).toBe(
      `no action is needed, but this is no fence: the setting belongs to ${owner} alone, and applications may write`,
    );
  });
});

const publisher = { host: 'primary.example', port: 5432, database: 'my app' };
const subscription = (name: string, slot: string | null, enabled = true): SubscriptionState => ({
  name,
  slot,
  enabled,
  publications: [name],
  tables: 1,
  notReady: { count: 0, tables: [] },
  sequences: { count: 0, pending: { count: 0, names: [] } },
  worker: enabled ? { pid: 1, receivedLsn: null } : null,
});
const lag = (slot: string, exists: boolean): ReplicationLag => ({
  ...{ slot, exists, active: exists, confirmedFlushLsn: null, bytes: exists ? 0n : null, seconds: null },
});
const shape = (subscriptions: SubscriptionState[], lags: ReplicationLag[] | null) =>
  replicationFindings(subscriptions, lags, null, publisher).map(({ severity, code, subject }) => [
    severity,
    code,
    subject,
  ]);

describe('replication', () => {
  it('that is well says nothing', () => {
    expect(shape([subscription('one', 'one')], [lag('one', true)])).toEqual([]);
  });

  it('warns of a subscription whose slot the primary does not have, beside one whose slot it has', () => {
    const subscriptions = [subscription('one', 'one'), subscription('two', 'gone')];
    const [finding, ...others] = replicationFindings(
      subscriptions,
      [lag('one', true), lag('gone', false)],
      null,
      publisher,
    );
    expect(others).toEqual([]);
    expect(finding).toMatchObject({
      ...{ severity: 'warn', code: 'SLOT_MISSING', sequence: null, count: 1 },
      message: expect.stringMatching(/subscription two .* slot gone/) as string,
    });
  });

  it('warns of one whose slot was taken away, and blocks for no other server’s', () => {
    const subscriptions = [
      subscription('one', 'one'),
      subscription('two', null, false),
      subscription('stranger', 'elsewhere', false),
    ];
    expect(shape(subscriptions, [lag('one', true), lag('elsewhere', false)])).toEqual([
      ['warn', 'SLOT_MISSING', 'two'],
      ['warn', 'SLOT_MISSING', 'stranger'],
    ]);
  });

  it('lets no table be emptied for a subscription that a promotion has left beside the one that works', () => {
    const [finding] = replicationFindings(
      [subscription('new', 'one'), subscription('old', null, false)],
      [lag('one', true)],
      null,
      publisher,
    );
    expect(finding).toMatchObject({
      ...{ severity: 'warn', code: 'SLOT_MISSING', subject: 'old' },
      message:
        'the subscription old on the standby is disabled and has no slot: it receives nothing; rows of this primary arrive through new',
      remedy: expect.stringMatching(
        /^no action is needed if it is left over from a promotion;.* DROP SUBSCRIPTION old;$/u,
      ) as string,
    });
    expect(finding?.remedy).not.toMatch(/TRUNCATE|CREATE SUBSCRIPTION/u);
    // It cannot be enabled, and the other one brings the rows.
    expect(shape([subscription('new', 'one'), subscription('old', null, false)], null)).toEqual([]);
    expect(shape([subscription('old', null, false)], null)).toEqual([
      ['block', 'SUBSCRIPTION_DISABLED', 'old'],
    ]);
  });

  it('warns of the only slot, too, when it is gone', () => {
    expect(shape([subscription('one', 'gone')], [lag('gone', false)])).toEqual([
      ['warn', 'SLOT_MISSING', 'one'],
    ]);
  });

  it('blocks for a disabled subscription, with a statement that quotes as SQL does', () => {
    const [finding] = replicationFindings(
      [subscription('odd "name"\\', 'one', false)],
      [lag('one', true)],
      null,
      publisher,
    );
    expect(finding).toMatchObject({
      code: 'SUBSCRIPTION_DISABLED',
      subject: 'odd "name"\\',
      remedy:
        'if this standby has been promoted meanwhile, it is the primary: use the reversed pair instead; otherwise, unless SLOT_LOST is shown too, on the standby: ALTER SUBSCRIPTION "odd ""name""\\" ENABLE; if it is disabled again at once, its option disable_on_error does that: fix the error that the server log of the standby shows, and enable it again',
    });
    // Without its slot, it would bring nothing.
    for (const slot of ['gone', null]) {
      const [disabled] = replicationFindings(
        [subscription('one', slot, false)],
        slot === null ? [] : [lag(slot, false)],
        null,
        publisher,
      );
      expect(disabled?.code).toBe('SUBSCRIPTION_DISABLED');
      expect(disabled?.remedy).toMatch(/replace it, as SLOT_MISSING says$/u);
    }
  });

  it('names the position that a slot has not confirmed in time, also where nobody has approved', () => {
    expect(notCaughtUp('one', '0/1', '0/2', 'behind').message).toBe(
      'the slot one has confirmed 0/1, but the primary was at 0/2 when the wait for it began',
    );
  });

  it('without the primary counts every subscription, and knows of no slot', () => {
    expect(shape([subscription('one', 'one'), subscription('two', 'two', false)], null)).toEqual([
      ['block', 'SUBSCRIPTION_DISABLED', 'two'],
    ]);
  });

  it('blocks for an enabled subscription to the primary that nothing is applied from', () => {
    const [one, stranger] = [subscription('one', 'one'), subscription('stranger', 'elsewhere')];
    const lags = [lag('one', true), lag('elsewhere', false)];
    const without = [one, stranger].map((each) => ({ ...each, worker: null }));
    expect(shape(without, lags)).toEqual([
      ['block', 'APPLY_WORKER_DOWN', 'one'],
      ['warn', 'SLOT_MISSING', 'stranger'],
    ]);
    // A primary that is lost has nothing to send.
    expect(shape(without, null)).toEqual([]);
  });

  it('blocks for the tables that are not ready, and says which they are', () => {
    const tables = (count: number) =>
      Array.from({ length: count }, (_, index) => ({ table: `public.t${index}`, state: 'i' }));
    const blockOf = (notReady: SubscriptionState['notReady']) =>
      replicationFindings(
        [{ ...subscription('one', 'one'), notReady }],
        [lag('one', true)],
        null,
        publisher,
      )[0];
    expect(blockOf({ count: 2, tables: tables(2) })).toMatchObject({
      ...{ code: 'TABLES_NOT_READY', count: 2, subject: 'one' },
      things: ['public.t0', 'public.t1'].map(digest).sort(),
      message: 'the subscription one has 2 tables that are not ready: public.t0 (i), public.t1 (i)',
    });
    expect(blockOf({ count: 1, tables: tables(1) })?.message).toBe(
      'the subscription one has 1 table that is not ready: public.t0 (i)',
    );
    // More than can be carried are the same only as long as nothing changes.
    const many = blockOf({ count: 501, tables: tables(501) });
    expect(many?.things).toBeUndefined();
    expect(many?.subject).not.toEqual(blockOf({ count: 501, tables: tables(502).slice(1) })?.subject);
  });

  it('blocks for a subscription that is gone, whatever else there is', () => {
    expect(subscriptionsGone(['one', 'two'], ['two', 'three'], publisher, () => null)).toMatchObject([
      { severity: 'block', code: 'SUBSCRIPTION_GONE', subject: 'one' },
    ]);
    expect(subscriptionsGone([], [], publisher, () => null)).toEqual([]);
  });

  it('blocks for a subscription that was created again without a copy, or has another slot', () => {
    const none = { names: [], details: [] };
    const seen = (more: object) => {
      const detail = { name: 'one', slot: 'one', publications: ['p'], oid: '1', ...more };
      return { present: ['one'], toPrimary: ['one'], details: [detail] };
    };
    const first = mergeSubscriptions(none, seen({}), new Map());
    /** Twice, since what a recheck has found must not be forgotten by the next. */
    const found = (more: object) => {
      const again = mergeSubscriptions(first, seen(more), new Map());
      const once = subscriptionsReplaced(again.details, seen(more).details);
      const twice = mergeSubscriptions(again, seen(more), new Map());
      expect(subscriptionsReplaced(twice.details, seen(more).details)).toEqual(once);
      return once.map(({ code, subject, message }) => [code, subject, message]);
    };
    expect(found({})).toEqual([]);
    // A subscription that has never copied its tables is no news.
    expect(found({ notCopied: 3 })).toEqual([]);
    expect(found({ oid: '2', notCopied: 1 })).toEqual([
      ['SUBSCRIPTION_GONE', 'one', expect.stringContaining('created again without copying 1 table while')],
    ]);
    // It has copied them: no row is missing.
    expect(found({ oid: '2' })).toEqual([]);
    expect(found({ slot: 'two' })).toEqual([
      ['SUBSCRIPTION_GONE', 'one', expect.stringContaining('was given the slot two instead of one')],
    ]);
    expect(found({ slot: null })).toEqual([]);
  });
});

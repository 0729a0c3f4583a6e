import { describe, expect, it } from 'vitest';
import {
  type LagState,
  replicationFindings,
  type SubscriptionState,
} from '../../../src/planning/readiness-findings.js';

const subscription = (name: string, slot: string | null, enabled = true): SubscriptionState => ({
  name,
  slot,
  enabled,
  publications: [name],
  tables: 1,
  notReady: { count: 0, tables: [] },
  sequences: { count: 0, pending: { count: 0, names: [] } },
});
const lag = (slot: string, exists: boolean): LagState => ({
  ...{ slot, exists, active: exists, bytes: exists ? 0n : null, seconds: null },
});
const shape = (subscriptions: SubscriptionState[], lags: LagState[] | null) =>
  replicationFindings(subscriptions, lags).map(({ severity, code, subject }) => [severity, code, subject]);

describe('replication', () => {
  it('that is well says nothing', () => {
    expect(shape([subscription('one', 'one')], [lag('one', true)])).toEqual([]);
  });

  it('warns of a subscription whose slot the primary does not have, beside one whose slot it has', () => {
    const subscriptions = [subscription('one', 'one'), subscription('two', 'gone')];
    const [finding, ...others] = replicationFindings(subscriptions, [lag('one', true), lag('gone', false)]);
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

  it('warns of the only slot, too, when it is gone', () => {
    expect(shape([subscription('one', 'gone')], [lag('gone', false)])).toEqual([
      ['warn', 'SLOT_MISSING', 'one'],
    ]);
  });

  it('blocks for a disabled subscription, with a statement that quotes as SQL does', () => {
    const [finding] = replicationFindings([subscription('odd "name"\\', 'one', false)], [lag('one', true)]);
    expect(finding).toMatchObject({
      code: 'SUBSCRIPTION_DISABLED',
      subject: 'odd "name"\\',
      remedy: 'on the standby: ALTER SUBSCRIPTION "odd ""name""\\" ENABLE',
    });
  });

  it('without the primary counts every subscription, and knows of no slot', () => {
    expect(shape([subscription('one', 'one'), subscription('two', 'two', false)], null)).toEqual([
      ['block', 'SUBSCRIPTION_DISABLED', 'two'],
    ]);
  });
});

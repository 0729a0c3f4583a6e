import { beforeEach, describe, expect, it, vi } from 'vitest';
import { PROMOTION_HEARTBEAT_MS } from '../../../../src/steps/limits.js';
import { UndecodableError } from '../../../../workflows/ending.js';
import { BeforeTheSwitch } from '../../../../workflows/promotion/before-the-switch.js';
import { lateChangeAfter } from '../../../../workflows/promotion/late-change.js';
import { isOpenAfterAll } from '../../../../workflows/promotion/opened-after-all.js';
import type { Promotion } from '../../../../workflows/promotion/promotion.js';
import { openStandby } from '../../../../workflows/promotion/steps.js';
import { RealSwitcher } from '../../../../workflows/promotion/switcher.js';
import { asWorkflow, reset, temporal } from './fake-temporal.js';
import { opening, promotionOf, ready, refused, timedOut } from './promotion-example.js';

vi.mock('@temporalio/workflow', async (original) => ({
  ...(await original<object>()),
  ...(await import('./fake-temporal.js')).fakeTemporal,
}));

beforeEach(reset);

const change = {
  ...{ identity: ready.identity, subscriptions: [{ name: 's', slot: 's' }], memory: opening, slot: null },
};
const scheduled = () => temporal.executions.map(({ activity }) => activity);

describe('a standby whose opening has failed', () => {
  const isOpen = (cause = refused('openStandby') as unknown, promotion = promotionOf()) =>
    isOpenAfterAll(promotion, change, cause);

  it('is open if it says so, and the rest of the opening is done', async () => {
    temporal.activities['readOpened'] = () => true;
    expect(await isOpen()).toBe(true);
    expect(scheduled()).toEqual(['readOpened', 'openStandby']);
  });

  it('says where the way back begins, whichever attempt has opened it', async () => {
    const from = (position: string) => () => ({ wayBackFrom: position });
    temporal.activities['readOpened'] = () => true;
    temporal.activities['openStandby'] = from('0/7');
    const promotion = promotionOf();
    await isOpen(refused('openStandby'), promotion);
    expect(promotion.known.wayBackFrom).toBe('0/7');
    temporal.activities['openStandby'] = from('0/9');
    await new RealSwitcher(promotion).openStandby(opening, {});
    expect(promotion.known.wayBackFrom).toBe('0/9');
  });

  it('is open although the rest cannot be done: that is left to a person', async () => {
    temporal.activities['readOpened'] = () => true;
    temporal.activities['openStandby'] = () => {
      throw timedOut('openStandby');
    };
    const promotion = promotionOf();
    expect(await isOpen(refused('openStandby'), promotion)).toBe(true);
    expect(promotion.status().leftovers).toEqual([
      expect.stringMatching(/^on the new primary, if applications still find it read-only: /) as string,
    ]);
  });

  it('is not open if it says so', async () => {
    temporal.activities['readOpened'] = () => false;
    expect(await isOpen()).toBe(false);
    expect(scheduled()).toEqual(['readOpened']);
  });

  it('is not taken for open if it cannot be reached', async () => {
    temporal.activities['readOpened'] = () => {
      throw timedOut('readOpened');
    };
    expect(await isOpen()).toBe(false);
    expect(scheduled()).toEqual(['readOpened']);
  });

  it('is not judged by a worker that cannot read the answer', async () => {
    temporal.activities['readOpened'] = () => {
      throw new UndecodableError('the answer');
    };
    await expect(isOpen()).rejects.toThrow(UndecodableError);
    expect(await isOpen(new UndecodableError('the result'))).toBe(false);
  });

  it('is asked when a change of the step that timed out can no longer be committed', async () => {
    temporal.activities['readOpened'] = () => {
      expect(temporal.sleeps).toEqual([PROMOTION_HEARTBEAT_MS]);
      return false;
    };
    expect(await isOpen(timedOut('openStandby'))).toBe(false);
    expect(scheduled()).toEqual(['readOpened']);
  });
});

describe('a late change', () => {
  it('is waited for after a step that timed out, once', async () => {
    const [promotion, cause] = [promotionOf(), timedOut('raiseFence')];
    const wait = lateChangeAfter(promotion, cause);
    expect(wait).not.toBeNull();
    await wait?.();
    expect(temporal.sleeps).toEqual([PROMOTION_HEARTBEAT_MS]);
    expect(lateChangeAfter(promotion, cause)).toBeNull();
    expect(lateChangeAfter(promotion, timedOut('openStandby'))).not.toBeNull();
  });

  it('cannot come after a step that has said how it failed', () => {
    for (const cause of [refused('raiseFence'), new Error('x'), null])
      expect(lateChangeAfter(promotionOf(), cause)).toBeNull();
  });

  it('is waited for before the undo, also if the promotion is cancelled meanwhile', async () => {
    const promotion = promotionOf();
    const undone: number[][] = [];
    promotion.undo.register('fence', [], () => {
      undone.push([...temporal.sleeps]);
      return Promise.resolve();
    });
    const ended = asWorkflow((cancel) => {
      temporal.whileSleeping.push(cancel);
      return new BeforeTheSwitch(promotion).run(() => Promise.reject(timedOut('raiseFence')));
    });
    await expect(ended).rejects.toThrow(/raiseFence could not be completed.*; undone: fence/);
    expect(undone).toEqual([[PROMOTION_HEARTBEAT_MS]]);
  });
});

describe('opening the standby', () => {
  const open = (promotion: Promotion, leftMs: number, cancel = false) => {
    promotion.beginOutage(leftMs);
    const before = new BeforeTheSwitch(promotion);
    return asWorkflow(async (cancelWorkflow) => {
      temporal.activities['openStandby'] = () => {
        expect(before.isOpen).toBe(false);
        if (cancel) cancelWorkflow();
        return {};
      };
      await openStandby(promotion, before, new RealSwitcher(promotion), opening);
    });
  };

  it('may take what is left of the outage budget, and two seconds at least', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: 0 });
    try {
      for (const leftMs of [60_000, 5]) await open(promotionOf({ outageBudget: '10 minutes' }), leftMs);
    } finally {
      vi.useRealTimers();
    }
    expect(temporal.executions.map(({ options }) => options['scheduleToCloseTimeout'])).toEqual([
      60_000, 2_000,
    ]);
  });

  it('is finished whoever cancels the promotion meanwhile', async () => {
    const promotion = promotionOf();
    await open(promotion, 60_000, true);
    expect(promotion.undo.steps()).toEqual(['open']);
    expect(scheduled()).toEqual(['openStandby']);
  });
});

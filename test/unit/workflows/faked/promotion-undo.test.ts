import { beforeEach, describe, expect, it, vi } from 'vitest';
import { BeforeTheSwitch } from '../../../../workflows/promotion/before-the-switch.js';
import type { Promotion } from '../../../../workflows/promotion/promotion.js';
import { prepareWayBack } from '../../../../workflows/promotion/steps.js';
import { RealSwitcher } from '../../../../workflows/promotion/switcher.js';
import { asWorkflow, reset, temporal } from './fake-temporal.js';
import { opening, promotionOf, readOnly, refused, timedOut } from './promotion-example.js';

vi.mock('@temporalio/workflow', async (original) => ({
  ...(await original<object>()),
  ...(await import('./fake-temporal.js')).fakeTemporal,
}));

beforeEach(reset);

/** Does the work before the switch. @returns the failure, and the steps that are undone by then */
async function failing(promotion: Promotion, work: (before: BeforeTheSwitch) => Promise<unknown>) {
  const before = new BeforeTheSwitch(promotion);
  const failure = await asWorkflow(() => before.run(() => work(before))).then(
    () => null,
    (error: unknown) => (error as Error).message,
  );
  return { failure, undone: promotion.undo.steps({ undone: true }) };
}

const scheduled = () => temporal.executions.map(({ activity }) => activity);

const fail = (activity: string, how = timedOut) => {
  temporal.activities[activity] = () => {
    throw how(activity);
  };
};

describe('a step that fails may have made its change, so it is undone', () => {
  it.each([
    ['the way back', 'prepareWayBack', 'removeWayBack', 'wayBack', (one: Promotion) => prepareWayBack(one)],
    [
      ...(['the read-only default of the standby', 'makeStandbyReadOnly', 'closeStandby', 'fence'] as const),
      (one: Promotion) => new RealSwitcher(one).makeStandbyReadOnly(opening),
    ],
    [
      ...(['the fence', 'raiseFence', 'liftFence', 'fence'] as const),
      (one: Promotion) => new RealSwitcher(one).raiseFence({ readOnly, connect: null }),
    ],
    [
      ...(['the opening', 'openStandby', 'closeStandby', 'open'] as const),
      (one: Promotion) => new RealSwitcher(one).openStandby(opening, {}),
    ],
  ] as const)('%s', async (_, activity, undo, step, work) => {
    temporal.activities['readOpened'] = () => false;
    fail(activity);
    const promotion = promotionOf();
    const { failure, undone } = await failing(promotion, () => work(promotion));
    expect(failure).toContain(`undone: ${step}`);
    expect(undone).toEqual([step]);
    expect(scheduled().filter((one) => one === activity || one === undo)).toEqual([activity, undo]);
    expect(promotion.undo.changes).toEqual([]);
  });

  it('and a person is told how, where the undo fails, too', async () => {
    fail('raiseFence');
    fail('liftFence', refused);
    const promotion = promotionOf();
    const memory = { readOnly, connect: null };
    const { failure, undone } = await failing(promotion, () =>
      new RealSwitcher(promotion).raiseFence(memory),
    );
    expect(undone).toEqual([]);
    expect(failure).toContain('fence');
    expect(promotion.status().changes).toMatchObject([
      { step: 'fence', where: 'primary', failure: 'permission denied' },
    ]);
    expect(promotion.known.fence).toEqual(memory);
  });
});

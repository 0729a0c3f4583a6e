import { beforeEach, describe, expect, it, vi } from 'vitest';
import { INTERNAL_SIGNALS } from '../../../../src/contract/names.js';
import { BeforeTheSwitch } from '../../../../workflows/promotion/before-the-switch.js';
import { FleetLink } from '../../../../workflows/promotion/fleet-link.js';
import type { Cause } from '../../../../workflows/promotion/fleet-signals.js';
import { openStandby } from '../../../../workflows/promotion/steps.js';
import { RealSwitcher } from '../../../../workflows/promotion/switcher.js';
import { asWorkflow, reset, temporal } from './fake-temporal.js';
import { opening, promotionOf } from './promotion-example.js';

vi.mock('@temporalio/workflow', async (original) => ({
  ...(await original<object>()),
  ...(await import('./fake-temporal.js')).fakeTemporal,
}));

beforeEach(reset);

const undo: Cause = { type: 'FleetStopped', message: 'another pair failed' };
const told = () => temporal.signals.map(({ args: [progress] }) => (progress as { state: string }).state);

function linked() {
  const aborted: Cause[] = [];
  const link = new FleetLink({ workflowId: 'fleet', runId: 'r' }, 'shop', (cause) => aborted.push(cause));
  return { link, aborted };
}

/** Waits for the fleet's decision, which is what these signals say. */
const awaiting = (link: FleetLink, ...orders: [string, ...unknown[]][]) =>
  asWorkflow(() => {
    temporal.whileWaiting.push(() => {
      for (const [name, ...args] of orders) expect(link.receive(name, args)).toBe(true);
    });
    return link.awaitSwitch();
  });

describe('a promotion that is ready', () => {
  it('switches when its fleet says so', async () => {
    const { link, aborted } = linked();
    await awaiting(link, [INTERNAL_SIGNALS.fleetSwitch]);
    expect([link.isSwitching, told(), aborted]).toEqual([true, ['ready'], []]);
  });

  it('takes the first decision of its fleet, and no other', async () => {
    const { link } = linked();
    const both = [[INTERNAL_SIGNALS.fleetUndo, undo], [INTERNAL_SIGNALS.fleetSwitch]] as [
      string,
      ...unknown[],
    ][];
    await expect(awaiting(link, ...both)).rejects.toMatchObject(undo);
    expect([link.isSwitching, await link.undoes()]).toEqual([false, true]);
    const other = linked().link;
    await awaiting(other, ...both.reverse());
    expect([other.isSwitching, await other.undoes()]).toEqual([true, false]);
  });

  it('only asks when it is cancelled, and switches with the others', async () => {
    const { link } = linked();
    await asWorkflow((cancel) => {
      temporal.whileWaiting.push(cancel, () => link.receive(INTERNAL_SIGNALS.fleetSwitch, []));
      return link.awaitSwitch();
    });
    expect(link.isSwitching).toBe(true);
    expect(told()).toEqual(['ready', 'asks']);
  });
});

describe('a promotion that is not ready', () => {
  it('does not switch, and undoes by itself when its fleet says so', () => {
    const { link, aborted } = linked();
    link.receive(INTERNAL_SIGNALS.fleetSwitch, []);
    expect(link.isSwitching).toBe(false);
    link.receive(INTERNAL_SIGNALS.fleetUndo, [undo]);
    expect(aborted).toEqual([undo]);
    expect(link.receive('approve', [])).toBe(false);
  });
});

describe('when the fleet has decided to switch', () => {
  const open = (switching: boolean) =>
    asWorkflow(async (cancel) => {
      const promotion = promotionOf();
      const before = new BeforeTheSwitch(promotion);
      const { link } = linked();
      promotion.join(link);
      before.obey(link);
      if (switching) await awaiting(link, [INTERNAL_SIGNALS.fleetSwitch]);
      cancel();
      before.abort('Rejected', 'alice rejected it');
      await openStandby(promotion, before, new RealSwitcher(promotion), opening);
      return promotion.undo.steps();
    });

  it('each pair is opened, whoever cancels or rejects its promotion', async () => {
    expect(await open(true)).toEqual(['open']);
    expect(temporal.executions).toMatchObject([
      {
        activity: 'openStandby',
        options: { scheduleToCloseTimeout: '1 day', retry: { maximumAttempts: 15 } },
      },
    ]);
  });

  it('and only then', async () => {
    await expect(open(false)).rejects.toThrow('alice rejected it');
    expect(temporal.executions).toEqual([]);
  });
});

import type { ActivityOptions } from '@temporalio/workflow';
import type { EndWritersReport, FenceMemory, OpeningMemory } from '../../src/steps/promotion-steps.js';
import { acting, checking, undoing } from './activities.js';
import { askOperator } from './operator.js';
import type { Promotion } from './promotion.js';

/** The steps that applications notice. A rehearsal replaces them by reads. */
export interface Switcher {
  /** Registers its undo, then fences the primary. */
  raiseFence(memory: FenceMemory): Promise<void>;
  endWriters(withinMs: number): Promise<EndWritersReport>;
  /** Registers its undo, then opens the standby. */
  openStandby(memory: OpeningMemory, limits: ActivityOptions): Promise<void>;
}

export class RealSwitcher implements Switcher {
  constructor(private readonly promotion: Promotion) {}

  async raiseFence(memory: FenceMemory): Promise<void> {
    const { promotion } = this;
    const { identity, input } = promotion;
    const { fence } = input;
    if (fence.kind === 'workflow') {
      promotion.undo.register('fence', () => askOperator(promotion, 'lift-fence', fence.workflow));
      await askOperator(promotion, 'fence', fence.workflow);
      return;
    }
    const change = [{ identity, fence, memory }] as const;
    promotion.undo.register('fence', () =>
      undoing.liftFence.executeWithOptions({ summary: 'give the primary its writes back' }, [...change]),
    );
    await acting.raiseFence.executeWithOptions({ summary: `fence the primary (${fence.kind})` }, [...change]);
    promotion.learn({ fence: memory });
  }

  endWriters(withinMs: number): Promise<EndWritersReport> {
    const { identity, input } = this.promotion;
    return checking.endWriters.executeWithOptions({ summary: 'end the sessions that could still write' }, [
      { identity, fence: input.fence, withinMs, dry: false },
    ]);
  }

  async openStandby(memory: OpeningMemory, limits: ActivityOptions): Promise<void> {
    const { promotion } = this;
    const { identity, names, input } = promotion;
    const { subscriptions } = promotion.known;
    const change = [{ identity, subscriptions, memory, slot: input.failback ? names.slot : null }] as const;
    promotion.undo.register('open', () =>
      undoing.closeStandby.executeWithOptions({ summary: 'close the standby again' }, [...change]),
    );
    await acting.openStandby.executeWithOptions({ summary: 'open the standby', ...limits }, [...change]);
  }
}

/** Reads what the real switcher would change, which takes about as long, and changes nothing. */
export class RehearsingSwitcher implements Switcher {
  constructor(private readonly promotion: Promotion) {}

  async raiseFence(): Promise<void> {
    const { identity, input } = this.promotion;
    await checking.readFence.executeWithOptions({ summary: 'rehearse the fence' }, [
      { identity, fence: input.fence },
    ]);
  }

  endWriters(withinMs: number): Promise<EndWritersReport> {
    const { identity, input } = this.promotion;
    return checking.endWriters.executeWithOptions(
      { summary: 'count the sessions that the fence would end' },
      [{ identity, fence: input.fence, withinMs, dry: true }],
    );
  }

  async openStandby(): Promise<void> {
    const { identity } = this.promotion;
    await checking.readOpening.executeWithOptions({ summary: 'rehearse the opening of the standby' }, [
      { identity },
    ]);
  }
}

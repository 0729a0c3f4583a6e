import { type ActivityOptions, patched } from '@temporalio/workflow';
import type { EndWritersReport, FenceMemory, OpeningMemory } from '../../src/steps/promotion-steps.js';
import {
  fenceChange,
  openingChange,
  readOnlyStandbyChange,
} from '../../src/planning/remedies/undo-statements.js';
import { acting, checking, undoing, withinOutage } from './activities.js';
import { askOperator, fenceOfOperator } from './operator.js';
import { isOpenAfterAll, runOpening } from './opened-after-all.js';
import type { Promotion } from './promotion.js';
import { unlessStandbyStaysGone } from './standby-gone.js';

/** The steps that applications notice. A rehearsal replaces them by reads. */
export interface Switcher {
  /** Registers its undo, then makes new sessions of the standby read-only. */
  makeStandbyReadOnly(memory: OpeningMemory): Promise<void>;
  /** Registers its undo, then fences the primary. */
  raiseFence(memory: FenceMemory): Promise<void>;
  endWriters(withinMs: number): Promise<EndWritersReport>;
  /** Registers its undo, then opens the standby. */
  openStandby(memory: OpeningMemory, limits: ActivityOptions): Promise<void>;
}

export class RealSwitcher implements Switcher {
  /** Since when new sessions of the standby are read-only; null before. */
  private readOnlySince: string | null = null;

  constructor(private readonly promotion: Promotion) {}

  async makeStandbyReadOnly(memory: OpeningMemory): Promise<void> {
    const { promotion } = this;
    const { identity } = promotion;
    // The step changes the default of the database alone, and so does its undo. Earlier versions undid an opening.
    const undone = patched('undo-of-the-default-alone')
      ? { memory: { readOnly: { ...memory.readOnly, roles: [] }, before: null }, subscriptions: [] }
      : { memory, subscriptions: promotion.known.subscriptions };
    const change = { identity, ...undone, slot: null };
    const changed = readOnlyStandbyChange(identity.standby.database, undone.memory);
    promotion.undo.register('fence', [changed], () =>
      unlessStandbyStaysGone(promotion, () =>
        undoing.closeStandby.executeWithOptions({ summary: 'restore the settings of the standby' }, [change]),
      ),
    );
    const { since } = await acting.makeStandbyReadOnly.executeWithOptions(
      { summary: 'make new sessions of the standby read-only' },
      [{ identity }],
    );
    this.readOnlySince = since;
  }

  async raiseFence(memory: FenceMemory): Promise<void> {
    const { promotion } = this;
    const { identity, input } = promotion;
    const { fence } = input;
    if (fence.kind === 'workflow') {
      promotion.undo.register('fence', [fenceOfOperator(promotion, fence.workflow)], () =>
        askOperator(promotion, 'lift-fence', fence.workflow),
      );
      await askOperator(promotion, 'fence', fence.workflow);
      return;
    }
    const change = [{ identity, fence, memory }] as const;
    promotion.undo.register('fence', [fenceChange(identity.primary.database, memory)], () =>
      undoing.liftFence.executeWithOptions({ summary: 'give the primary its writes back' }, [...change]),
    );
    // Before the step: it may have raised the fence and then not been able to say so.
    promotion.setFacts({ fence: memory });
    await acting.raiseFence.executeWithOptions({ summary: `fence the primary (${fence.kind})` }, [...change]);
  }

  endWriters(withinMs: number): Promise<EndWritersReport> {
    const { identity, input } = this.promotion;
    return checking.endWriters.executeWithOptions(
      { summary: 'end the sessions that could still write', ...withinOutage(withinMs) },
      [{ identity, fence: input.fence, withinMs, dry: false }],
    );
  }

  async openStandby(memory: OpeningMemory, limits: ActivityOptions): Promise<void> {
    const { promotion } = this;
    const { identity, names, input } = promotion;
    const { subscriptions } = promotion.known;
    const slot = input.failback ? names.slot : null;
    const { readOnlySince } = this;
    const change = [
      { identity, subscriptions, memory, slot, ...(readOnlySince === null ? {} : { readOnlySince }) },
    ] as const;
    const changed = openingChange(identity.standby.database, subscriptions, memory);
    promotion.undo.register('open', [changed], () =>
      undoing.closeStandby.executeWithOptions({ summary: 'close the standby again' }, [...change]),
    );
    try {
      await runOpening(promotion, change[0], { summary: 'open the standby', ...limits });
    } catch (error) {
      if (!(await isOpenAfterAll(promotion, change[0], error))) throw error;
    }
  }
}

/** Reads what the real switcher would change, which takes about as long, and changes nothing. */
export class RehearsingSwitcher implements Switcher {
  constructor(private readonly promotion: Promotion) {}

  async makeStandbyReadOnly(): Promise<void> {
    // A rehearsal changes nothing, and there is nothing to read.
  }

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

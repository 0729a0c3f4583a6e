import { CancellationScope, sleep } from '@temporalio/workflow';
import type { PromotionStepName } from '../../src/contract/promotion.js';
import { whenAllAreOver } from '../all-settled.js';

/** How long an undo may hold up the one after it: a standby that is out of reach must not keep the primary fenced. */
const HEAD_START_MS = 300;

interface Undo {
  step: PromotionStepName;
  work: () => Promise<unknown>;
}

/** What each step has registered before it acted, to be undone in reverse. */
export class UndoStack {
  private readonly undos: Undo[] = [];

  register(step: PromotionStepName, work: () => Promise<unknown>): void {
    this.undos.push({ step, work });
  }

  /** From here on it only goes forward. */
  forget(): void {
    this.undos.length = 0;
  }

  get steps(): PromotionStepName[] {
    return this.undos.map(({ step }) => step);
  }

  /** Ends when everything is undone; nothing cancels it. */
  async undoAll(note: (step: PromotionStepName, state: 'undoing' | 'undone') => void): Promise<void> {
    await CancellationScope.nonCancellable(async () => {
      const running: Promise<void>[] = [];
      for (let undo = this.undos.pop(); undo !== undefined; undo = this.undos.pop()) {
        const { step, work } = undo;
        note(step, 'undoing');
        const done = work().then(() => {
          note(step, 'undone');
        });
        // Those that are left run on; how they end is looked at below.
        done.catch(() => undefined);
        running.push(done);
        if (this.undos.length > 0) {
          const settled = done.catch(() => undefined);
          const waiting = new CancellationScope();
          await Promise.race([
            settled,
            waiting
              .run(() => sleep(HEAD_START_MS, { summary: 'go on with the next undo' }))
              .catch(() => undefined),
          ]);
          waiting.cancel();
        }
      }
      await whenAllAreOver(running);
    });
  }
}

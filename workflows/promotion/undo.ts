import { CancellationScope, sleep } from '@temporalio/workflow';
import type { PromotionStepName } from '../../src/contract/promotion.js';
import { whenAllAreOver } from '../all-settled.js';

/** The next undo starts at the latest after this time: an unreachable standby must not keep the primary fenced. */
const HEAD_START_MS = 300;

interface Undo {
  step: PromotionStepName;
  work: () => Promise<unknown>;
}

/** The undo steps. Each step registers its own before it acts; they run in reverse order. */
export class UndoStack {
  private readonly undos: Undo[] = [];

  /** A step may have several undos. */
  register(step: PromotionStepName, work: () => Promise<unknown>): void {
    this.undos.push({ step, work });
  }

  /** Drops all undo steps: from here on the promotion only goes forward. */
  forget(): void {
    this.undos.length = 0;
  }

  get steps(): PromotionStepName[] {
    return [...new Set(this.undos.map(({ step }) => step))];
  }

  /** Runs all undo steps and waits for their end. Nothing cancels it. */
  async undoAll(note: (step: PromotionStepName, state: 'undoing' | 'undone') => void): Promise<void> {
    await CancellationScope.nonCancellable(async () => {
      const running: Promise<void>[] = [];
      const left = this.undos.map(({ step }) => step);
      for (let undo = this.undos.pop(); undo !== undefined; undo = this.undos.pop()) {
        const { step, work } = undo;
        note(step, 'undoing');
        const done = work().then(() => {
          left.splice(left.indexOf(step), 1);
          if (!left.includes(step)) note(step, 'undone');
        });
        // An undo that is not waited for here continues; its result is awaited below.
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

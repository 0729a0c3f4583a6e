import { CancellationScope, rootCause, sleep } from '@temporalio/workflow';
import type { PromotionChange, PromotionStepName } from '../../src/contract/promotion.js';
import type { Undoable } from '../../src/planning/remedies/undo-statements.js';
import { UndecodableError } from '../ending.js';

/**
 * The next undo starts at the latest after this time, in milliseconds: an unreachable standby must not keep the primary fenced. That of an
 * opening gets longer: if the standby is open, and this worker alone cannot reach it, applications could write to both sides.
 */
const headStartOf = (step: PromotionStepName) => (step === 'open' ? 5_000 : 300);

interface Undo {
  step: PromotionStepName;
  changes: readonly Undoable[];
  work: () => Promise<unknown>;
  isDone: boolean;
  /** Why it failed; null if it has not. */
  failure: string | null;
}

/** The undo steps. Each step registers its own before it acts; they run in reverse order. */
export class UndoStack {
  private readonly undos: Undo[] = [];

  /**
   * A step may have several undos.
   *
   * @param changes what the step is about to change, with the statements by which a person undoes it
   */
  register(step: PromotionStepName, changes: readonly Undoable[], work: () => Promise<unknown>): void {
    this.undos.push({ step, changes, work, isDone: false, failure: null });
  }

  /** Drops all undo steps: from here on the promotion only goes forward. */
  forget(): void {
    this.undos.length = 0;
  }

  /** The steps with a registered undo, the last step first; with `undone: true` only those that are undone completely. */
  steps({ undone = false } = {}): PromotionStepName[] {
    const left = new Set(this.undos.filter(({ isDone }) => !isDone).map(({ step }) => step));
    const all = new Set(this.undos.map(({ step }) => step).reverse());
    return [...all].filter((step) => !undone || !left.has(step));
  }

  /** What is changed and not undone, the last change first. */
  get changes(): PromotionChange[] {
    return this.undos
      .filter(({ isDone }) => !isDone)
      .reverse()
      .flatMap(({ step, changes, failure }) => changes.map((change) => ({ step, ...change, failure })));
  }

  /** Runs all undo steps and waits for their end. Nothing cancels it. An undo that fails is in `changes` afterwards. */
  async undoAll(note: (step: PromotionStepName, state: 'undoing' | 'undone') => void): Promise<void> {
    await CancellationScope.nonCancellable(async () => {
      const running: Promise<void>[] = [];
      for (const [index, undo] of [...this.undos].reverse().entries()) {
        note(undo.step, 'undoing');
        const done = this.run(undo, note);
        running.push(done);
        if (index + 1 === this.undos.length) break;
        const waiting = new CancellationScope();
        const pause = waiting.run(() =>
          sleep(headStartOf(undo.step), { summary: 'go on with the next undo' }),
        );
        // A failed undo is in `changes`, and the timer is cancelled below.
        await Promise.race([done.catch(() => undefined), pause.catch(() => undefined)]);
        // No await before the next undo: in histories the next step comes before the cancellation of the timer.
        waiting.cancel();
      }
      await Promise.all(running);
    });
  }

  private async run(undo: Undo, note: (step: PromotionStepName, state: 'undone') => void): Promise<void> {
    const { step, work } = undo;
    try {
      await work();
      undo.isDone = true;
    } catch (error) {
      if (error instanceof UndecodableError) throw error;
      undo.failure = rootCause(error) ?? String(error);
      return;
    }
    if (this.undos.every((one) => one.step !== step || one.isDone)) note(step, 'undone');
  }
}

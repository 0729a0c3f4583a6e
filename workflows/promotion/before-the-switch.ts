import {
  type ApplicationFailure,
  CancellationScope,
  CancelledFailure,
  patched,
  sleep,
} from '@temporalio/workflow';
import type { PromotionFailureType, PromotionFinding } from '../../src/contract/promotion.js';
import { UndecodableError } from '../ending.js';
import { failureOf, promotionFailure } from './failure.js';
import { afterUndo } from './not-undone.js';
import type { FleetLink } from './fleet-link.js';
import { lateChangeAfter } from './late-change.js';
import { primaryGoneAdvice, primaryGoneFinding } from './primary-gone.js';
import type { Promotion } from './promotion.js';
import { untilGone, whyGone } from './server-gone.js';
import { mayBeOpen, standbyGoneFinding } from './standby-gone.js';

/**
 * The time before the standby is open, in which everything can be undone. If a failure, a veto, a rejection, a cancellation or the outage
 * budget ends it, the work is cancelled, and all steps are undone in reverse.
 */
export class BeforeTheSwitch {
  private readonly scope = new CancellationScope();
  private readonly clock = new CancellationScope();
  private readonly watch = new CancellationScope();
  private cause: ApplicationFailure | null = null;
  private over = false;
  private fleet: FleetLink | null = null;

  constructor(private readonly promotion: Promotion) {}

  /** Whether a rejection still takes effect. */
  get isOpen(): boolean {
    return !this.over && this.fleet?.isSwitching !== true;
  }

  /** When the promotion is ready, its fleet decides whether it is undone. */
  obey(fleet: FleetLink): void {
    this.fleet = fleet;
  }

  abort(type: PromotionFailureType, message: string): void {
    if (!this.isOpen) return;
    if (this.fleet?.isReady === true) {
      this.fleet.askToUndo({ type, message });
      return;
    }
    this.endWith(promotionFailure(type, message));
  }

  private endWith(cause: ApplicationFailure): void {
    this.over = true;
    this.cause = cause;
    this.scope.cancel();
  }

  /** Until the fence: ends the promotion soon after the primary has died. Behind the fence the outage budget does. */
  watchPrimary(): void {
    if (!patched('primary-watched')) return;
    this.watch
      .run(() => untilGone('primary', this.promotion.identity))
      .then((failure) => {
        if (this.isOpen) this.endWith(failure);
      })
      // It is cancelled at the fence, and when the work has ended.
      .catch(() => undefined);
  }

  /** Starts the timer of the outage budget. */
  startClock(ms: number, budget: string): void {
    this.watch.cancel();
    this.clock
      .run(() => sleep(ms, { summary: `the outage budget, ${budget}` }))
      .then(() => {
        this.abort('BudgetExceeded', `the standby was not open within the outage budget of ${budget}`);
      })
      // The timer is cancelled when the standby is about to be opened.
      .catch(() => undefined);
  }

  /** What is left of the outage budget, in milliseconds. */
  get leftMs(): number {
    return Math.max((this.promotion.known.deadline ?? 0) - Date.now(), 1);
  }

  /**
   * A rejection, a cancellation or the end of the budget may come in the same workflow task as the end of the last step, which then succeeds.
   * It is too late if the fleet has decided to switch: the other pairs switch too.
   *
   * @throws the cause, or CancelledFailure
   */
  throwIfEnded(): void {
    if (this.fleet?.isSwitching === true) return;
    const isCancelled = CancellationScope.current().consideredCancelled;
    // Earlier versions opened the standby nevertheless.
    if ((this.cause === null && !isCancelled) || !patched('ended-before-opening')) return;
    if (this.cause !== null) throw this.cause;
    throw new CancelledFailure('the promotion was cancelled');
  }

  /** From here on neither a rejection nor the outage budget ends the promotion. */
  close(): void {
    this.over = true;
    this.clock.cancel();
    this.watch.cancel();
  }

  /** If a server that is gone has ended the promotion: the finding that says so while its undo waits for the server. */
  private goneServer(cause: unknown): PromotionFinding | null {
    const { promotion } = this;
    const primary = whyGone('primary', this.cause);
    if (primary !== null) return primaryGoneFinding(promotion, primary);
    const isGivenUp =
      !mayBeOpen(promotion) && promotion.undo.changes.some(({ where }) => where === 'standby');
    const standby = isGivenUp ? whyGone('standby', cause) : null;
    return standby !== null && patched('standby-may-stay-gone') ? standbyGoneFinding(standby) : null;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    const { promotion } = this;
    const outer = CancellationScope.current();
    try {
      if (this.cause !== null) throw this.cause;
      return await this.scope.run(work);
    } catch (error) {
      if (error instanceof UndecodableError) throw error;
      // This comes before any other await: until the undo, nobody can write to the primary.
      const cause = this.cause ?? (outer.consideredCancelled ? null : error);
      this.close();
      // It may have been done, and have checked once more.
      if (promotion.stateOf('verify') === 'running') promotion.note('verify', 'failed');
      const touched = promotion.undo.steps();
      const whatToDo =
        touched.length === 0 && whyGone('primary', cause) !== null ? primaryGoneAdvice(promotion) : '';
      const gone = touched.length === 0 ? null : this.goneServer(cause);
      if (gone !== null) promotion.addFindings(gone);
      // The fleet tells the reason to its other pairs, so what becomes of this one is no part of it.
      const failure = describe(cause, touched, '', whatToDo);
      this.fleet?.failed({ type: failure.type as PromotionFailureType, message: failure.message });
      // No await if there is nothing to wait for: in histories the first undo comes before the cancellation of the timers.
      const late = lateChangeAfter(promotion, cause);
      if (late !== null) await CancellationScope.nonCancellable(late);
      await promotion.fail(gone);
      throw afterUndo(promotion, (whatBecame) => describe(cause, touched, whatBecame, whatToDo));
    } finally {
      this.close();
    }
  }
}

function describe(
  cause: unknown,
  touched: readonly string[],
  whatBecame: string,
  whatToDo: string,
): ApplicationFailure {
  const what = touched.length === 0 ? `nothing has to be undone${whatToDo}` : whatBecame;
  if (cause === null)
    return promotionFailure('Cancelled', ['the promotion was cancelled', what].filter(Boolean).join('; '));
  return failureOf(cause, what, touched.length > 0);
}

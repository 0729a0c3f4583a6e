import type { Forward } from './fleet.js';

/**
 * A quarter of what the server takes: beyond 2,000 signals under way it fails the workflow task again and again, see
 * https://docs.temporal.io/workflow-execution/limits
 */
export const AT_ONCE = 500;

/** What a fleet has decided and not yet brought to its pairs: to each pair in order, and to so many pairs at once. */
export class Outbox {
  /** What each pair is still to be told; the first of it may be under way. */
  private readonly byPair = new Map<string, Forward[]>();
  /** Those of them of which nothing is under way. */
  private readonly ready: Forward[][] = [];
  private lanes = 0;
  private undelivered = 0;

  /** @param deliver ends when the pair has it, and never fails */
  constructor(private readonly deliver: (forward: Forward) => Promise<void>) {}

  /** How many decisions no pair has yet. */
  get size(): number {
    return this.undelivered;
  }

  put(forward: Forward): void {
    this.undelivered += 1;
    const before = this.byPair.get(forward.pair);
    if (before !== undefined) {
      before.push(forward);
      return;
    }
    const queue = [forward];
    this.byPair.set(forward.pair, queue);
    this.ready.push(queue);
    if (this.lanes < AT_ONCE) this.lane().catch(() => undefined);
  }

  private async lane(): Promise<void> {
    this.lanes += 1;
    for (let queue = this.ready.shift(); queue !== undefined; queue = this.ready.shift()) {
      const [forward] = queue;
      if (forward === undefined) continue;
      await this.deliver(forward);
      this.undelivered -= 1;
      queue.shift();
      if (queue.length > 0) this.ready.push(queue);
      else this.byPair.delete(forward.pair);
    }
    this.lanes -= 1;
  }
}

import { jsonBytes } from '../../src/contract/parsing/json-size.js';
import type { Forward } from './member.js';

/**
 * A quarter of the server's limit: with more than 2,000 open signals it fails the workflow task again and again, see
 * https://docs.temporal.io/workflow-execution/limits
 */
export const AT_ONCE = 500;
/** The signals of one workflow task travel in one message of at most 4 MB. This limits their JSON, in bytes. */
export const BYTES_AT_ONCE = 3_000_000;

/** The decisions that a fleet has not delivered yet. They go to each pair in order, and to a limited number of pairs at once. */
export class Outbox {
  /** The undelivered decisions of each pair; the first of them may be on its way. */
  private readonly byPair = new Map<string, Forward[]>();
  /** The pairs to which nothing is on its way. */
  private readonly ready: Forward[][] = [];
  private underWay = 0;
  private bytesUnderWay = 0;
  private undelivered = 0;

  /**
   * @param deliver returns when the pair has the decision; it never throws
   * @param isBounded false in the history of an earlier version, which did not count bytes; asked only where it matters
   */
  constructor(
    private readonly deliver: (forward: Forward) => Promise<void>,
    private readonly isBounded: () => boolean = () => true,
  ) {}

  /** The number of undelivered decisions. */
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
    this.sendWhatFits();
  }

  private sendWhatFits(): void {
    while (this.underWay < AT_ONCE) {
      const [queue] = this.ready;
      const forward = queue?.[0];
      if (queue === undefined || forward === undefined) return;
      const bytes = jsonBytes(forward.argument);
      const isTooMuch = this.underWay > 0 && this.bytesUnderWay + bytes > BYTES_AT_ONCE;
      if (isTooMuch && this.isBounded()) return;
      this.ready.shift();
      this.send(queue, forward, bytes).catch(() => undefined);
    }
  }

  private async send(queue: Forward[], forward: Forward, bytes: number): Promise<void> {
    this.underWay += 1;
    this.bytesUnderWay += bytes;
    await this.deliver(forward);
    this.underWay -= 1;
    this.bytesUnderWay -= bytes;
    this.undelivered -= 1;
    queue.shift();
    if (queue.length > 0) this.ready.push(queue);
    else this.byPair.delete(forward.pair);
    this.sendWhatFits();
  }
}

/** Shares a capacity among callers. Each waits until all earlier callers have got their part. */
export class FairSemaphore {
  readonly #waiting: { amount: number; admit: () => void }[] = [];
  #free: number;

  /** @param capacity at least 1 */
  constructor(readonly capacity: number) {
    this.#free = capacity;
  }

  /**
   * Waits until `amount` is free and no earlier caller waits. An amount above the capacity counts as the whole capacity.
   *
   * @returns a function that gives the amount back; a second call does nothing
   */
  async acquire(amount: number): Promise<() => void> {
    const share = Math.min(amount, this.capacity);
    if (this.#waiting.length > 0 || share > this.#free) {
      await new Promise<void>((admit) => this.#waiting.push({ amount: share, admit }));
    } else {
      this.#free -= share;
    }
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#free += share;
      this.#admit();
    };
  }

  #admit(): void {
    for (let next = this.#waiting[0]; next && next.amount <= this.#free; next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#free -= next.amount;
      next.admit();
    }
  }
}

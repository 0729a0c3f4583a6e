/** After this number of attempts without progress, a sequence that is behind stays a block. */
const TRIES = 3;

/**
 * Whether the number of sequences that are behind becomes less. Only a new minimum counts as progress. Otherwise 5, 4, 5, 4 … would be
 * progress for ever.
 */
export class Progress {
  private least = Infinity;
  private tries = 0;

  /**
   * @param behind the number of sequences that are still behind after the last attempt
   * @returns whether another attempt is worthwhile
   */
  isWorthATry(behind: number): boolean {
    if (behind < this.least) {
      this.least = behind;
      this.tries = 0;
    }
    this.tries += 1;
    return this.tries <= TRIES;
  }

  /** Whether there was an attempt before. */
  get hasTried(): boolean {
    return this.tries > 0;
  }
}

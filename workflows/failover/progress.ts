/** After so many tries in a row that cure nothing, what is behind stays a block. */
const TRIES = 3;

/** Whether what is behind becomes less: only the least so far counts, or 5, 4, 5, 4 … would be progress for ever. */
export class Progress {
  private least = Infinity;
  private tries = 0;

  /** @returns whether another try is worth while, `behind` being what the last one left */
  isWorthATry(behind: number): boolean {
    if (behind < this.least) {
      this.least = behind;
      this.tries = 0;
    }
    this.tries += 1;
    return this.tries <= TRIES;
  }

  /** Whether anything was tried at all before this. */
  get hasTried(): boolean {
    return this.tries > 0;
  }
}

const KEPT = 50;

/** Adds one to a list of which the last 50 are kept. */
export function addRecent<T>(list: T[], one: T): void {
  list.push(one);
  if (list.length > KEPT) list.shift();
}

/** A list of which the last 50 are kept, and all are counted. */
export class RecentList<T> {
  private readonly kept: T[] = [];
  private added = 0;

  /** The last 50, the latest at the end. */
  get last(): readonly T[] {
    return this.kept;
  }

  /** How many have been added in all. */
  get count(): number {
    return this.added;
  }

  add(one: T): void {
    this.added += 1;
    addRecent(this.kept, one);
  }
}

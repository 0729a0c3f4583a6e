const KEPT = 50;

/** A list of which the last 50 are kept, and all are counted. */
export class RecentList<T> {
  readonly last: T[] = [];
  count = 0;

  add(one: T): void {
    this.count += 1;
    this.last.push(one);
    if (this.last.length > KEPT) this.last.shift();
  }
}

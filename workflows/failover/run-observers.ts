/** Whoever wants to know what becomes of a run. None of them changes it. */
export interface RunObserver {
  /** After every change that a person who watches would want to see. */
  changed?(): void;
  /** After sequences were topped up while somebody may approve. */
  toppedUp?(sequences: number): void;
  /** Once somebody has rejected the failover. */
  rejected?(): void;
  /** @param outcome of the run, the type of its failure, or `cancelled` */
  ended?(outcome: string): void;
}

/** Observers of one run, told in the order in which they came. */
export class RunObservers implements Required<RunObserver> {
  private readonly all: RunObserver[] = [];

  add(observer: RunObserver): void {
    this.all.push(observer);
  }

  changed(): void {
    for (const observer of this.all) observer.changed?.();
  }

  toppedUp(sequences: number): void {
    for (const observer of this.all) observer.toppedUp?.(sequences);
  }

  rejected(): void {
    for (const observer of this.all) observer.rejected?.();
  }

  ended(outcome: string): void {
    for (const observer of this.all) observer.ended?.(outcome);
  }
}

/** Is told about the changes of a run. It changes at most the run's record of what was sent: `notified` and `toldFleet`. */
export interface RunObserver {
  /** Called after every change that a person who watches the run would want to see. */
  changed?(): void;
  /** Called after sequences were topped up while the gate waits for a decision. */
  toppedUp?(sequences: number): void;
  /** Called when somebody has rejected the failover. */
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

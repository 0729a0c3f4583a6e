/**
 * Does something once for all the messages that one workflow task brings: their handlers run one after the other, and
 * microtasks after the last of them. Thousands may come at once when no worker was there to take them, and a task has five seconds.
 */
export class EndOfTask {
  private isDue = false;

  constructor(private readonly work: () => void) {}

  /** Whether something has asked for the work, and it is still to come. */
  get due(): boolean {
    return this.isDue;
  }

  ask(): void {
    if (this.isDue) return;
    this.isDue = true;
    Promise.resolve()
      .then(() => {
        this.isDue = false;
        this.work();
      })
      .catch(() => undefined);
  }
}

/**
 * Does some work once for all the messages of one workflow task. Their handlers run one after the other, and microtasks run after the last
 * handler. If no worker was there for a while, thousands of messages may come at once, and a workflow task has five seconds.
 */
export class EndOfTask {
  private isDue = false;

  constructor(private readonly work: () => void) {}

  /** Whether the work was requested and has not run yet. */
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

import { UPDATES } from '../contract/names.js';
import type { Refusal } from '../contract/status.js';
import { ClientWorkflow } from './client-workflow.js';

/** A promotion, or a fleet of promotions. Until the switch, anybody may reject it. */
export abstract class StoppableWorkflow<
  Result,
  Status extends { refused: readonly Refusal[] },
> extends ClientWorkflow<Result, Status> {
  /** @throws WorkflowUpdateFailedError, with the reason as its cause, if it is too late */
  async reject(message: { by: string; reason: string }): Promise<void> {
    await this.handle.executeUpdate<unknown, [object]>(UPDATES.decide, {
      args: [{ decision: 'reject', ...message }],
    });
  }

  /**
   * Like {@link reject}, as a signal.
   *
   * @throws SignalRefusedError if it is too late
   */
  async signalRejection(message: { by: string; reason: string }): Promise<void> {
    await this.decideBySignal('reject', message);
  }

  protected refusalsOf({ refused }: Status): readonly Refusal[] {
    return refused;
  }
}

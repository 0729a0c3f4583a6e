import { UPDATES } from '../contract/names.js';
import type { Refusal } from '../contract/gate.js';
import { ClientWorkflow, type DecisionOptions } from './client-workflow.js';

/** A promotion, or a fleet of promotions. Until the switch, anybody may reject it. */
export abstract class StoppableWorkflow<
  Result,
  Status extends { refused: readonly Refusal[] },
> extends ClientWorkflow<Result, Status> {
  /** @throws WorkflowUpdateFailedError, with the reason as its cause, or SignalRefusedError, if it is too late */
  async reject(
    message: { by: string; reason: string },
    { signal = false }: DecisionOptions = {},
  ): Promise<void> {
    if (signal) {
      await this.decideBySignal('reject', message);
      return;
    }
    await this.handle.executeUpdate<unknown, [object]>(UPDATES.decide, {
      args: [{ decision: 'reject', ...message }],
    });
  }

  protected refusalsOf({ refused }: Status): readonly Refusal[] {
    return refused;
  }
}

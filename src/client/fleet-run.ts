import type {
  FleetDecideAnswer,
  FleetResult,
  FleetRow,
  FleetStatus,
  PairsAnswer,
} from '../contract/fleet-status.js';
import { isSamePerson } from '../contract/parsing/text.js';
import type { Refusal } from '../contract/gate.js';
import { QUERIES, SIGNALS, UPDATES } from '../contract/names.js';
import { ClientWorkflow, type DecisionOptions } from './client-workflow.js';
import type { WorkflowEnding } from './ending.js';
import type { Decision } from './failover-run.js';
import { ask } from './snapshot.js';

/** How a fleet has ended. */
export type FleetEnding = WorkflowEnding<FleetResult, FleetStatus>;

/** The pairs that a message to a fleet is for; all pairs if none is named. */
export interface Addressed {
  pairs?: string[];
  /** Leaves out pairs that cannot take the message. Without it, the message goes to all of them or none. */
  partial?: true;
}

/** A run of the workflow `fleetFailover`, for a client. */
export class FleetRun extends ClientWorkflow<FleetResult, FleetStatus> {
  /** All pairs, in the order in which they are started. */
  async pairs(): Promise<FleetRow[]> {
    const rows: FleetRow[] = [];
    let after: string | null = null;
    do {
      const answer: PairsAnswer = await ask<PairsAnswer>(this.client, this.handle, QUERIES.pairs, {
        after,
      });
      rows.push(...answer.rows);
      after = answer.next;
    } while (after !== null);
    return rows;
  }

  /**
   * Decides for pairs of the fleet. The answer to a signal does not name the pairs that a decision with `partial` has left out: see
   * {@link pairs}.
   *
   * @throws WorkflowUpdateFailedError, with the reason as its cause, or SignalRefusedError, if the decision is refused
   */
  async decide(
    decision: Decision & Addressed,
    { signal = false }: DecisionOptions = {},
  ): Promise<FleetDecideAnswer> {
    if (!signal)
      return await this.handle.executeUpdate<FleetDecideAnswer, [object]>(UPDATES.decide, {
        args: [decision],
      });
    const { decision: kind, ...message } = decision;
    const { gate } = await this.decideBySignal(kind, message);
    const own = gate?.decisions.findLast(
      (one) => one.kind === kind && isSamePerson(one.by, message.by.trim()),
    );
    return {
      ...{ state: gate?.state ?? 'closed', addressed: own?.addressed ?? 0 },
      ...{ refused: [], refusedCount: 0 },
    };
  }

  protected refusalsOf({ gate }: FleetStatus): readonly Refusal[] {
    return gate?.refused ?? [];
  }

  /** Sends the signal to synchronize every sequence of the pairs again. */
  async resynchronize(message: { by: string } & Addressed): Promise<void> {
    await this.handle.signal(SIGNALS.resynchronize, message);
  }
}

import type { FleetResult, FleetRow, FleetStatus, PairsAnswer } from '../contract/fleet-status.js';
import { QUERIES, SIGNALS, UPDATES } from '../contract/names.js';
import { ClientWorkflow } from './client-workflow.js';
import type { WorkflowEnding } from './ending.js';
import type { Decision } from './failover-run.js';
import { ask } from './snapshot.js';

/** How a fleet has ended. */
export type FleetEnding = WorkflowEnding<FleetResult, FleetStatus>;

/** The pairs that a message to a fleet is for: all of them, unless some are named. */
export interface Addressed {
  pairs?: string[];
}

/** What a fleet answers to a decision: docs/reference/fleet.md. */
export interface FleetDecideAnswer {
  state: string;
  /** How many pairs the decision goes to. */
  addressed: number;
  refused: { pair: string; reason: string }[];
  refusedCount: number;
}

/** A run of the workflow `fleetFailover`, as a client sees it. */
export class FleetRun extends ClientWorkflow<FleetResult, FleetStatus> {
  /** Every pair, in the order in which they are started. */
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

  /** @throws WorkflowUpdateFailedError, with the reason as its cause, where the decision cannot stand */
  async decide(decision: Decision & Addressed): Promise<FleetDecideAnswer> {
    return await this.handle.executeUpdate<FleetDecideAnswer, [object]>(UPDATES.decide, {
      args: [decision],
    });
  }

  /** Sends the signal that has every sequence of the pairs worked through once more. */
  async resynchronize(message: { by: string } & Addressed): Promise<void> {
    await this.handle.signal(SIGNALS.resynchronize, message);
  }
}

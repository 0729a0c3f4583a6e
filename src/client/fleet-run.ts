import type { Client, WorkflowHandle } from '@temporalio/client';
import type { FleetResult, FleetRow, FleetStatus, PairsAnswer } from '../contract/fleet-status.js';
import { QUERIES, SIGNALS, UPDATES } from '../contract/names.js';
import { endingOf, type WorkflowEnding } from './ending.js';
import type { Decision } from './failover-run.js';
import { ask, type Snapshot, snapshotOf } from './snapshot.js';

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
export class FleetRun {
  readonly #client: Client;
  readonly #handle: WorkflowHandle;

  constructor(client: Client, workflowId: string) {
    this.#client = client;
    this.#handle = client.workflow.getHandle(workflowId);
  }

  get workflowId(): string {
    return this.#handle.workflowId;
  }

  /** The answer of the query `status`. */
  async status(): Promise<FleetStatus> {
    return ask<FleetStatus>(this.#client, this.#handle, QUERIES.status);
  }

  /** The status of a fleet that has not ended, with the steps that Temporal tries again. */
  async snapshot(): Promise<Snapshot<FleetStatus>> {
    return snapshotOf<FleetStatus>(this.#client, this.#handle);
  }

  /** Every pair, in the order in which they are started. */
  async pairs(): Promise<FleetRow[]> {
    const rows: FleetRow[] = [];
    let after: string | null = null;
    do {
      const answer: PairsAnswer = await ask<PairsAnswer>(this.#client, this.#handle, QUERIES.pairs, {
        after,
      });
      rows.push(...answer.rows);
      after = answer.next;
    } while (after !== null);
    return rows;
  }

  /** @throws WorkflowUpdateFailedError, with the reason as its cause, where the decision cannot stand */
  async decide(decision: Decision & Addressed): Promise<FleetDecideAnswer> {
    return await this.#handle.executeUpdate<FleetDecideAnswer, [object]>(UPDATES.decide, {
      args: [decision],
    });
  }

  /** Sends the signal that has every sequence of the pairs worked through once more. */
  async resynchronize(message: { by: string } & Addressed): Promise<void> {
    await this.#handle.signal(SIGNALS.resynchronize, message);
  }

  /** Waits for the end. */
  async ending(): Promise<FleetEnding> {
    return endingOf<FleetResult, FleetStatus>(this.#handle);
  }
}

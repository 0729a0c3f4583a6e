import { setTimeout as delay } from 'node:timers/promises';
import { type Client, WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { QUERIES } from '../contract/names.js';
import type { PromotionResult, PromotionStatus } from '../contract/promotion.js';
import { untilNoTaskIsInHand } from './failover-run.js';

/** Milliseconds between two queries. */
const pollInterval = 100;

/** How a promotion has ended. */
export type PromotionEnding =
  | { state: 'completed'; result: PromotionResult }
  | { state: 'failed'; type: string; message: string; status: PromotionStatus | null };

/** A run of the workflow `promoteStandby`, as a client sees it. */
export class PromotionRun {
  readonly #handle: WorkflowHandle;

  constructor(client: Client, workflowId: string) {
    this.#handle = client.workflow.getHandle(workflowId);
  }

  get workflowId(): string {
    return this.#handle.workflowId;
  }

  async status(): Promise<PromotionStatus> {
    await untilNoTaskIsInHand(this.#handle);
    return await this.#handle.query<PromotionStatus>(QUERIES.status);
  }

  /** Queries the promotion until it has ended, and tells each status. */
  async ended(tell: (status: PromotionStatus) => void = () => undefined): Promise<PromotionEnding> {
    for (;;) {
      const status = await this.status();
      tell(status);
      if (status.phase === 'done') return this.#ending();
      await delay(pollInterval);
    }
  }

  async #ending(): Promise<PromotionEnding> {
    try {
      return { state: 'completed', result: (await this.#handle.result()) as PromotionResult };
    } catch (error) {
      if (!(error instanceof WorkflowFailedError) || !(error.cause instanceof ApplicationFailure))
        throw error;
      const { type, message, details } = error.cause;
      const status = (details?.[0] ?? null) as PromotionStatus | null;
      return { state: 'failed', type: type ?? 'Internal', message, status };
    }
  }
}

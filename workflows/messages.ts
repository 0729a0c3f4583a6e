import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { GateState, SequencesAnswer, Status } from '../src/contract/status.js';

/** What the update `decide` answers when the decision stands. */
export interface DecideAnswer {
  state: GateState;
  approvals: number;
  required: number;
}

// The arguments are unknown on purpose: whatever a client sends reaches the handler, which judges it.
export const approveSignal = defineSignal<unknown[]>('approve');
export const rejectSignal = defineSignal<unknown[]>('reject');
export const resynchronizeSignal = defineSignal<unknown[]>('resynchronize');
export const decideUpdate = defineUpdate<DecideAnswer, unknown[]>('decide');
export const statusQuery = defineQuery<Status>('status');
export const sequencesQuery = defineQuery<SequencesAnswer, unknown[]>('sequences');
/** To a page that has measured: its turn has come. */
export const proceedSignal = defineSignal('proceed');
/** In `plan`: the guarded setval statements of a page, for psql. */
export const statementsQuery = defineQuery<string[]>('statements');

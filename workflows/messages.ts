import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import { INTERNAL_QUERIES, INTERNAL_SIGNALS, QUERIES, SIGNALS, UPDATES } from '../src/contract/names.js';
import type { DecideAnswer } from '../src/contract/gate.js';
import type { SequencesAnswer, Status } from '../src/contract/status.js';
import type { RecordedAnswer } from '../src/steps/rows.js';

// The arguments are unknown on purpose: the handler receives, and judges, whatever a client sends.
export const approveSignal = defineSignal<unknown[]>(SIGNALS.approve);
export const rejectSignal = defineSignal<unknown[]>(SIGNALS.reject);
export const resynchronizeSignal = defineSignal<unknown[]>(SIGNALS.resynchronize);
export const decideUpdate = defineUpdate<DecideAnswer, unknown[]>(UPDATES.decide);
export const statusQuery = defineQuery<Status>(QUERIES.status);
export const sequencesQuery = defineQuery<SequencesAnswer, unknown[]>(QUERIES.sequences);
/** From a recheck of this run: which sequences it has recorded, and the position of each. Not part of the contract. */
export const recordedQuery = defineQuery<RecordedAnswer>(INTERNAL_QUERIES.recorded);
/** To a page that has measured: it may continue now. */
export const proceedSignal = defineSignal(INTERNAL_SIGNALS.proceed);
/** In `plan`: the guarded setval statements of a page, for psql. */
export const statementsQuery = defineQuery<string[]>(QUERIES.statements);

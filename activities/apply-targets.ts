import { activityInfo, Context } from '@temporalio/activity';
import type { Activities } from '../src/steps/activities.js';
import { unpackTable } from '../src/steps/table.js';
import { classify } from '../src/postgres/failures/classify.js';
import { setSequences } from '../src/postgres/sequences/set-sequences.js';
import { onSide, pairOfOpenRun } from './activity-failure.js';
import type { Dependencies } from './dependencies.js';
import { withHeartbeat } from './heartbeat.js';
import { forPage } from './page-affinity.js';

/** The number of tries for a sequence on its own, if only this sequence fails, for example because it is locked. */
const TRIES_ALONE = 6;

/** Step 3: calls setval for each sequence whose next value is behind its target. */
export function applyTargets({ pairs }: Dependencies): Activities['applyTargets'] {
  return ({ identity, range, settings: packed, alone }) =>
    onSide('standby', () =>
      withHeartbeat(async () => {
        const standby = forPage(pairOfOpenRun(pairs, identity.pair, 'standby').standby, range);
        const settings = unpackTable(packed);
        const lastTry = activityInfo().attempt >= TRIES_ALONE;
        const signal = Context.current().cancellationSignal;
        try {
          return await setSequences(standby, identity.standby, settings, { alone, signal });
        } catch (error) {
          const { retryable, scope } = classify(error);
          if (!(alone !== null && lastTry && retryable && scope === 'statement')) throw error;
          return setSequences(standby, identity.standby, settings, { alone: null, signal });
        }
      }),
    );
}

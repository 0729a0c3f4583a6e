import type { Activities } from '../src/contract/steps.js';
import { onSide } from './activity-failure.js';
import type { Dependencies } from './dependencies.js';
import { withHeartbeat } from './heartbeat.js';

/** Step 5: the ledger's record of a round. Without a ledger the history is the record. */
export function recordBuffer({ pairs }: Dependencies): Activities['recordBuffer'] {
  return (input) =>
    onSide('ledger', () =>
      withHeartbeat(async () => {
        const { ledger } = pairs.resolve(input.identity.pair);
        return (await ledger?.record(input)) ?? { recorded: 0, unavailable: null };
      }),
    );
}

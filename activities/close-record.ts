import type { Activities } from '../src/steps/activities.js';
import { onSide } from './activity-failure.js';
import type { Dependencies } from './dependencies.js';

/** Writes the ending of a run and its approvers to the ledger. */
export function closeRecord({ pairs }: Dependencies): Activities['closeRecord'] {
  return (input) =>
    onSide('ledger', async () => {
      const { ledger } = pairs.resolve(input.identity.pair);
      return (await ledger?.close(input)) ?? { recorded: 0, unavailable: null };
    });
}

import type { Activities } from '../src/steps/activities.js';
import { onSide } from './activity-failure.js';
import type { Dependencies } from './dependencies.js';

/** The ledger's last line on a run: how it ended, and who approved. */
export function closeRecord({ pairs }: Dependencies): Activities['closeRecord'] {
  return (input) =>
    onSide('ledger', async () => {
      const { ledger } = pairs.resolve(input.identity.pair);
      return (await ledger?.close(input)) ?? { recorded: 0, unavailable: null };
    });
}

import { digestOf } from '../src/hash/sha256.js';
import type { Activities } from '../src/steps/activities.js';
import { onSide } from './activity-failure.js';
import type { Dependencies } from './dependencies.js';

/** Writes the ending of a run, its approvers, and the digest of its record to the ledger. */
export function closeRecord({ pairs }: Dependencies): Activities['closeRecord'] {
  return (input) =>
    onSide('ledger', async () => {
      const { ledger } = pairs.resolve(input.identity.pair);
      const digest = digestOf(input);
      const report = (await ledger?.close(input, digest)) ?? { recorded: 0, unavailable: null };
      return { ...report, digest };
    });
}

import type { Activities } from '../src/contract/steps.js';
import { onSide } from './activity-failure.js';
import type { Dependencies } from './dependencies.js';
import { withHeartbeat } from './heartbeat.js';
import { readPrimaryPage } from './read-primary-page.js';

/** Step 1: the primary's sequences of one page. */
export function fetchPrimarySequences({ pairs }: Dependencies): Activities['fetchPrimarySequences'] {
  return ({ identity, range }) =>
    onSide('primary', () =>
      withHeartbeat(async () => {
        const sequences = await readPrimaryPage(pairs.resolve(identity.pair), identity, range);
        return { sequences, readAt: new Date().toISOString() };
      }),
    );
}

import type { Activities } from '../src/steps/activities.js';
import { readSequences } from '../src/postgres/sequences/read-sequences.js';
import { afterCycle, nextValue } from '../src/sequences/sequence.js';
import { onSide, pairOfOpenRun } from './activity-failure.js';
import type { Dependencies } from './dependencies.js';
import { withHeartbeat } from './heartbeat.js';
import { forPage } from './page-affinity.js';

/** Reads the positions of the primary's sequences of one page. A later reading is compared with them. */
export function samplePrimary({ pairs }: Dependencies): Activities['samplePrimary'] {
  return ({ identity, range }) =>
    onSide('primary', () =>
      withHeartbeat(async () => {
        const primary = forPage(pairOfOpenRun(pairs, identity.pair, 'primary').primary, range);
        const sequences = await readSequences(primary, identity.primary, range);
        const positions = sequences.flatMap(({ oid, definition, reading }): [number, string][] =>
          'problem' in reading
            ? []
            : [[oid, String(nextValue(afterCycle(reading.position, definition), definition.increment))]],
        );
        return { positions, at: new Date().toISOString() };
      }),
    );
}

import { expect, it } from 'vitest';
import { TOO_EARLY } from '../../../src/contract/too-early.js';
import { EarlyQueries } from '../../../src/worker/refuse-early-queries.js';

/** An activation by events: the second at which the last workflow task began, and the number of events. */
type Events = ['replayed' | 'new', number, number];

const query = (queryId: string) => ({ jobs: [{ queryWorkflow: { queryId } }], isReplaying: true });

function afterwards(...steps: Events[]): EarlyQueries {
  const queries = new EarlyQueries();
  for (const [kind, seconds, historyLength] of steps) {
    const jobs = [{ resolveActivity: { seq: 1 } }];
    queries.check({
      jobs,
      isReplaying: kind === 'replayed',
      timestamp: { seconds: seconds as never, nanos: 500 },
      historyLength,
    });
  }
  return queries;
}

it.each<[string, Events[]]>([
  ['the start', [['new', 10, 3]]],
  [
    'workflow tasks',
    [
      ['new', 10, 3],
      ['new', 11, 9],
    ],
  ],
  [
    'a workflow task in two steps',
    [
      ['new', 10, 3],
      ['new', 11, 9],
      ['new', 11, 9],
    ],
  ],
  [
    'a replay',
    [
      ['replayed', 10, 3],
      ['replayed', 11, 9],
    ],
  ],
  [
    'a replay and two workflow tasks',
    [
      ['replayed', 10, 3],
      ['new', 11, 9],
      ['new', 12, 15],
    ],
  ],
])('answers a query after %s', (_, steps) => {
  const queries = afterwards(...steps);
  expect(() => {
    queries.check(query('legacy_query'));
  }).not.toThrow();
});

it.each<[string, Events[]]>([
  [
    'a replay and events without a workflow task',
    [
      ['replayed', 10, 3],
      ['new', 10, 5],
    ],
  ],
  [
    'a workflow task and events without one',
    [
      ['new', 10, 3],
      ['new', 10, 8],
    ],
  ],
  [
    'the same in two steps',
    [
      ['new', 10, 3],
      ['new', 10, 8],
      ['new', 10, 8],
    ],
  ],
  [
    'a replay and events that may have come with another worker’s task',
    [
      ['replayed', 10, 3],
      ['new', 12, 9],
    ],
  ],
])('refuses a query after %s', (_, steps) => {
  const queries = afterwards(...steps);
  expect(() => {
    queries.check(query('legacy_query'));
  }).toThrow(TOO_EARLY);
});

it('answers a query that comes with a workflow task', () => {
  const queries = afterwards(['replayed', 10, 3], ['new', 12, 9]);
  expect(() => {
    queries.check(query('5b9c'));
  }).not.toThrow();
});

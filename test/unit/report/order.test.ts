import { expect, it } from 'vitest';
import { failedFirst } from '../../../src/report/sections.js';
import type { ReportedRow } from '../../../src/report/report.js';
import { contradictsOrder } from '../../../src/record/contradicts-order.js';
import type { HistoryEvent } from '../../../src/record/history-json.js';

const history = (...ids: string[]) => ({
  ...{ workflowId: 'w', runId: 'r' },
  events: ids.map((eventId) => ({ eventId, eventType: 'T' })),
});

it('finds nothing in a history that counts from 1 on', () => {
  expect(contradictsOrder([history('1', '2', '3'), history()])).toEqual([]);
});

it.each([
  [
    ['1', '2', '5'],
    'in the history of w, run r, the event 5 follows the event 2: others were taken out, or put in',
  ],
  [
    ['2', '3'],
    'in the history of w, run r, the event 2 follows the beginning: others were taken out, or put in',
  ],
  [
    ['1', '1'],
    'in the history of w, run r, the event 1 follows the event 1: others were taken out, or put in',
  ],
])('finds the gap in %j', (ids, problem) => {
  expect(contradictsOrder([history(...ids)])).toEqual([problem]);
});

it('finds an event that was emptied', () => {
  const emptied = { ...history('1', '2'), events: [{ eventId: '1', eventType: 'T' }, {} as HistoryEvent] };
  expect(contradictsOrder([emptied])).toEqual(['in the history of w, run r, the event 2 has no number']);
});

it('shows the sequences that failed in the end before all others', () => {
  const row = (sequence: string, outcome: string, last = true) =>
    ({ sequence, outcome, last }) as ReportedRow;
  const rows = [row('a', 'kept'), row('b', 'failed', false), row('b', 'applied'), row('c', 'failed')];
  expect(failedFirst(rows).map(({ sequence, outcome }) => `${sequence} ${outcome}`)).toEqual([
    ...['c failed', 'a kept', 'b failed', 'b applied'],
  ]);
});

import { expect, it } from 'vitest';
import { buildReport } from '../../../src/report/build-report.js';
import { renderMarkdown } from '../../../src/report/render-markdown.js';
import { verifyReport } from '../../../src/report/verify.js';
import { changedHistory } from './changed-history.js';

const changedRun = (event: string, change: (payload: string) => string) =>
  changedHistory('handed-off', event, change);

const contradictions = async (...changed: Parameters<typeof changedRun>) =>
  buildReport(await changedRun(...changed), '1.2.3').contradictions;

const approval = 'workflowExecutionUpdateAcceptedEventAttributes';
const start = 'workflowExecutionStartedEventAttributes';

it('finds nothing in a history as it was recorded', async () => {
  expect(await contradictions(approval, (payload) => payload)).toEqual([]);
});

it('says whose approval the record has, and the messages have not', async () => {
  expect(await contradictions(approval, (payload) => payload.replace('alice', 'mallory'))).toEqual([
    'The record and the messages contradict each other: the record has an approval by alice, and the history no message of it.',
  ]);
  // A report that was made of it says faithfully what it says.
  const forged = await changedRun(approval, (payload) => payload.replace('alice', 'mallory'));
  expect(
    (await verifyReport(renderMarkdown(buildReport(forged, '1.2.3')), forged, '1.2.3')).join(),
  ).toContain('the record has an approval by alice');
});

it('says that the input was changed', async () => {
  expect(
    await contradictions(start, (payload) => payload.replace('{', '{"ticket":"CHG-999",').replace(',}', '}')),
  ).toEqual([
    expect.stringMatching(
      /^The record and the messages contradict each other: ticket is .* in the record, and "CHG-999" in the input\.$/u,
    ),
  ]);
});

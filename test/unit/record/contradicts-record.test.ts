import { Buffer } from 'node:buffer';
import { expect, it } from 'vitest';
import { identified, fromBundle } from '../../../src/record/source.js';
import { readRun } from '../../../src/record/read-run.js';
import { buildReport } from '../../../src/report/build-report.js';
import { historiesOf } from '../../replay/recordings.js';

/** The contradictions in a report of a recording whose payloads of one kind of event were changed. */
async function contradictions(event: string, change: (payload: string) => string): Promise<string[]> {
  const found = historiesOf('unreleased').find(({ name }) => name === 'handed-off');
  const history = identified('', found?.load() ?? { events: [] });
  const changed = history.events.map((one) =>
    event in one
      ? (JSON.parse(
          JSON.stringify(one).replace(/"data":"([^"]+)"/gu, (_, data: string) => {
            const payload = change(Buffer.from(data, 'base64').toString());
            return `"data":"${Buffer.from(payload).toString('base64')}"`;
          }),
        ) as typeof one)
      : one,
  );
  const bundle = { histories: [{ ...history, events: changed }] };
  return buildReport(await readRun(fromBundle(bundle), history.workflowId), '1.2.3').contradictions;
}

const approval = 'workflowExecutionUpdateAcceptedEventAttributes';
const start = 'workflowExecutionStartedEventAttributes';

it('finds nothing in a history as it was recorded', async () => {
  expect(await contradictions(approval, (payload) => payload)).toEqual([]);
});

it('says whose approval the record has, and the messages have not', async () => {
  expect(await contradictions(approval, (payload) => payload.replace('alice', 'mallory'))).toEqual([
    'The record and the messages contradict each other: the record has an approval by alice, and the history no message of it.',
  ]);
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

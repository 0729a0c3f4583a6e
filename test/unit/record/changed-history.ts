import { Buffer } from 'node:buffer';
import { fromBundle, identified } from '../../../src/record/source.js';
import { readRun, type RunHistories } from '../../../src/record/read-run.js';
import { historiesOf } from '../../replay/recordings.js';

/**
 * A recording whose payloads of one kind of event were changed.
 *
 * @param event the name of the event's attributes
 * @param change gets and returns the JSON of a payload
 */
export async function changedHistory(
  name: string,
  event: string,
  change: (payload: string) => string,
): Promise<RunHistories> {
  const found = historiesOf('unreleased').find((one) => one.name === name);
  const history = identified('', found?.load() ?? { events: [] });
  const events = history.events.map((one) =>
    event in one
      ? (JSON.parse(
          JSON.stringify(one).replace(/"data":"([^"]+)"/gu, (_, data: string) => {
            const payload = change(Buffer.from(data, 'base64').toString());
            return `"data":"${Buffer.from(payload).toString('base64')}"`;
          }),
        ) as typeof one)
      : one,
  );
  return readRun(fromBundle({ histories: [{ ...history, events }] }), history.workflowId);
}

import { describe, expect, it } from 'vitest';
import { identified, fromBundle } from '../../../src/record/source.js';
import { readRun } from '../../../src/record/read-run.js';
import { buildReport } from '../../../src/report/build-report.js';
import { historiesOf } from '../../replay/recordings.js';
import { changedHistory } from './changed-history.js';

const recorded = historiesOf('unreleased');
const closing = 'workflowExecutionCompletedEventAttributes';

/** What the report of a recording says after the payload of its closing event was changed. */
async function contradictions(name: string, change: (result: string) => string): Promise<string[]> {
  return buildReport(await changedHistory(name, closing, change), '1.2.3').contradictions;
}

describe.each(['handed-off-with-digests', 'promoted-under-load'])('the recording %s', (name) => {
  it('has an end that agrees with its record', async () => {
    expect(await contradictions(name, (result) => result)).toEqual([]);
  });
});

it.each([
  ['approvals', (result: string) => result.replace('"by":"alice"', '"by":"bob"')],
  ['ticket', (result: string) => result.replace(/"ticket":(null|"[^"]*")/u, '"ticket":"CHG-999"')],
  ['counts', (result: string) => result.replace(/"applied":\d+/u, '"applied":777')],
  ['findings', (result: string) => result.replace(/"findings":\[[^\]]*\]/u, '"findings":[]')],
])('says that %s at the end of a run were changed', async (field, change) => {
  expect(await contradictions('handed-off-with-digests', change)).toContainEqual(
    expect.stringMatching(
      new RegExp(
        `^The record and the end of the workflow contradict each other: ${field} is .* in the record, and .* at the end\\.$`,
        'u',
      ),
    ),
  );
});

it('says that the outage of a promotion was changed', async () => {
  const changed = (result: string) => result.replace(/"outageMs":\d+/u, '"outageMs":1');
  expect(await contradictions('promoted-under-load', changed)).toContainEqual(
    expect.stringContaining('certificate is '),
  );
});

it('finds nothing in any recording as it was made', async () => {
  for (const { name, load } of recorded) {
    const history = identified('', load());
    const read = await readRun(fromBundle({ histories: [history] }), history.workflowId).catch(() => null);
    if (read === null) continue;
    const report = (() => {
      try {
        return buildReport(read, '1.2.3');
      } catch {
        // Pages and locks have no report.
        return null;
      }
    })();
    expect([name, report?.contradictions.filter((one) => one.includes('end of the workflow')) ?? []]).toEqual(
      [name, []],
    );
  }
});

import { describe, expect, it } from 'vitest';
import { buildReport } from '../../../src/report/build-report.js';
import type { Format } from '../../../src/report/formats.js';
import { RENDERERS } from '../../../src/report/renderers.js';
import { claimOf, verifyReport } from '../../../src/report/verify.js';
import { readRun, type RunHistories } from '../../../src/record/read-run.js';
import { fromBundle, identified } from '../../../src/record/source.js';
import { historiesOf } from '../../replay/recordings.js';

/** @param length of the history, in events */
async function run(name: string, length?: number): Promise<RunHistories> {
  const found = historiesOf('unreleased').find((one) => one.name === name);
  const whole = identified('', found?.load() ?? { events: [] });
  const history = { ...whole, events: whole.events.slice(0, length) };
  return readRun(fromBundle({ histories: [history] }), history.workflowId);
}

const formats = Object.keys(RENDERERS) as Format[];

describe.each(formats)('a report as %s', (format) => {
  it('belongs to its history, and not once a character of it was changed', async () => {
    const histories = await run('handed-off');
    const text = RENDERERS[format](buildReport(histories, '1.2.3'));
    expect(claimOf(text).format).toBe(format);
    expect(await verifyReport(text, histories, '1.2.3')).toEqual([]);
    expect((await verifyReport(text.replace('10001', '10002'), histories, '1.2.3')).join()).toMatch(
      /^the report differs from its history in line \d+/u,
    );
  });
});

it.each(['md', 'html', 'json'] as const)(
  'as %s belongs to a history that has gone on since',
  async (format) => {
    const text = RENDERERS[format](buildReport(await run('handed-off', 60), '1.2.3'));
    expect(await verifyReport(text, await run('handed-off'), '1.2.3')).toEqual([]);
  },
);

it('says which history differs', async () => {
  const text = RENDERERS.md(buildReport(await run('handed-off'), '1.2.3'));
  const changed = await run('handed-off');
  const [first] = changed.chain[0]?.events ?? [];
  if (first !== undefined) first.eventTime = '2020-01-01T00:00:00Z';
  expect((await verifyReport(text, changed, '1.2.3')).join()).toMatch(
    /^the first 109 events of the run .* have the SHA-256 /u,
  );
  expect((await verifyReport(text, await run('handed-off', 50), '1.2.3')).join()).toContain(
    'has 50 events, and the report names 109',
  );
  expect((await verifyReport(text, await run('rejected'), '1.2.3')).join()).toContain('which is not here');
  expect((await verifyReport(text, await run('handed-off'), '1.3.0')).join()).toContain(
    'verify it with release 1.2.3',
  );
});

it('as CSV does not belong to a history that has gone on since, and says that it may have', async () => {
  const text = RENDERERS.csv(buildReport(await run('handed-off', 30), '1.2.3'));
  expect((await verifyReport(text, await run('handed-off'), '1.2.3')).join()).toContain(
    'or the run has gone on since. A CSV does not say which events it was made of',
  );
});

it('refuses what is no report', () => {
  expect(() => claimOf('{}')).toThrow('no report of sequence-failover');
});

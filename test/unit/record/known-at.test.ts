import { describe, expect, it } from 'vitest';
import { knownAt } from '../../../src/record/known/known-at.js';
import { messagesOf } from '../../../src/record/messages.js';
import { readRun, type RunHistories } from '../../../src/record/read-run.js';
import { toRecord } from '../../../src/record/run-record.js';
import { fromBundle, identified } from '../../../src/record/source.js';
import { historiesOf, type RecordingName, recordings } from '../../replay/recordings.js';

async function histories(release: string, name: string): Promise<RunHistories> {
  const found = historiesOf(release).find((one) => one.name === name);
  const history = identified('', found?.load() ?? { events: [] });
  return readRun(fromBundle({ histories: [history] }), history.workflowId);
}

const gated = ['0.1.0', 'unreleased'].flatMap((release) =>
  historiesOf(release)
    .map(({ name }) => name as RecordingName)
    .filter((name) => recordings[name].workflowType === 'sequenceFailover')
    .map((name) => [release, name] as const),
);

/** One line for each severity and code, as a report counts them. */
function linesOf(findings: readonly { severity: string; code: string; count: number }[]): string[] {
  const counts = new Map<string, number>();
  for (const { severity, code, count } of findings)
    counts.set(`${severity} ${code}`, (counts.get(`${severity} ${code}`) ?? 0) + count);
  return [...counts].map(([key, count]) => `${key} ${count}`).sort();
}

describe('what a run knew', () => {
  it.each(gated)('%s/%s is at its end what its closing status says', async (release, name) => {
    const read = await histories(release, name);
    const status = toRecord(read).status;
    const end = read.chain.at(-1)?.events.at(-1)?.eventTime ?? '';
    const [known] = knownAt(read, [end]);
    if (status?.mode !== 'failover' || status.round === 0) return;
    // Its counts were those of the last round; a sequence that was set and then kept counts as set today.
    const isCountedAnew = `${release}/${name}` === '0.1.0/handed-off-after-resynchronization';
    expect({
      counts: isCountedAnew ? status.counts : (known?.counts ?? status.counts),
      minimumHeadroom: known?.minimumHeadroom,
      findings: linesOf(known?.findings ?? []),
      times: [known?.primaryReadAt, known?.verifiedAt],
    }).toEqual({
      counts: status.counts,
      minimumHeadroom: status.minimumHeadroom,
      findings: linesOf(status.findings),
      times: [status.primaryReadAt, status.verifiedAt],
    });
  });
});

const invoices = { sequence: 'public.invoices', calls: '10000' };
const noSubscription = { severity: 'warn', code: 'NO_SUBSCRIPTION', sequence: null, count: 1 };

it('is what the approver could see when the message came, and not what came later', async () => {
  const read = await histories('unreleased', 'handed-off-after-resynchronization');
  const sent = messagesOf(read.chain).map(({ at }) => at);
  const started = read.chain[0]?.events[0]?.eventTime ?? '';
  const missing = (sequence: string) => ({
    ...{ severity: 'block', code: 'MISSING_ON_STANDBY', sequence, count: 1 },
  });
  const counts = { total: 3, applied: 2, kept: 0, skipped: 0, failed: 0 };
  const known = knownAt(read, [...sent, started]);
  expect(known.map((one) => [one?.counts, one?.minimumHeadroom, one?.findings])).toEqual([
    [{ ...counts, failed: 1 }, invoices, [missing('public.late'), noSubscription]],
    [{ ...counts, applied: 3 }, invoices, [noSubscription]],
    [{ ...counts, total: 4, applied: 3, failed: 1 }, invoices, [missing('public.later'), noSubscription]],
    [null, null, []],
  ]);
  expect(known.map((one) => one?.proofAgeSeconds)).toEqual([0, 0, 0, null]);
  const last = toRecord(read).status?.verifiedAt ?? '';
  const later = new Date(Date.parse(last) + 90_500).toISOString();
  expect(knownAt(read, [later])[0]?.proofAgeSeconds).toBe(90);
});

it('has the findings and readings of a continued run, also if the first history is missing', async () => {
  const { chain, ...rest } = await histories('unreleased', 'handed-off-after-continue-as-new');
  const at = messagesOf(chain).at(-1)?.at ?? '';
  expect(knownAt({ chain, ...rest }, [at])).toMatchObject([
    { counts: null, minimumHeadroom: invoices, findings: [noSubscription] },
  ]);
});

it('of a fleet is what all its pairs knew, and nothing if one of them is missing', async () => {
  const fleet = await histories('unreleased', 'fleet-completed');
  const members = [
    await histories('unreleased', 'handed-off'),
    await histories('unreleased', 'handed-off-after-changes'),
  ];
  const at = '2027-01-01T00:00:00Z';
  const [known] = knownAt({ ...fleet, members, missing: [] }, [at]);
  expect(known).toMatchObject({
    counts: { total: 6, applied: 3, kept: 1, skipped: 2, failed: 0 },
    minimumHeadroom: { calls: '10000', pair: expect.stringMatching(/^pair_/u) as string },
    findings: [{ ...noSubscription, count: 2 }],
  });
  expect(knownAt({ ...fleet, members }, [at])).toEqual([null]);
});

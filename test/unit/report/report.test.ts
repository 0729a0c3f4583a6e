import { describe, expect, it } from 'vitest';
import { buildReport } from '../../../src/report/build-report.js';
import { csvCell, renderCsv } from '../../../src/report/render-csv.js';
import { renderJson } from '../../../src/report/render-json.js';
import { renderMarkdown } from '../../../src/report/render-markdown.js';
import { proofSections } from '../../../src/report/proof-sections.js';
import type { Report } from '../../../src/report/report.js';
import type { History } from '../../../src/record/history-json.js';
import { toRecord } from '../../../src/record/run-record.js';
import { allHistories, readRun } from '../../../src/record/read-run.js';
import { fromBundle, identified } from '../../../src/record/source.js';
import { historiesOf, type RecordingName, recordings } from '../../replay/recordings.js';

async function reportOf(name: RecordingName, release = 'unreleased'): Promise<Report> {
  const found = historiesOf(release).find((one) => one.name === name);
  if (found === undefined) throw new Error(`there is no recording ${name}`);
  const history = identified('', found.load());
  return buildReport(await readRun(fromBundle({ histories: [history] }), history.workflowId), '1.2.3');
}

const released = ['0.1.0', 'unreleased'].flatMap((release) =>
  historiesOf(release)
    .map(({ name }) => name as RecordingName)
    .filter((name) => /Failover$|^promote(?:Standby|Fleet)$/u.test(recordings[name].workflowType))
    .map((name) => [release, name] as const),
);

describe('a report of each recorded history', () => {
  it.each(released)(
    '%s/%s is the same each time, and says how the workflow closed',
    async (release, name) => {
      const [one, other] = [await reportOf(name, release), await reportOf(name, release)];
      for (const render of [renderJson, renderMarkdown, renderCsv]) expect(render(one)).toBe(render(other));
      const { closed, ...recording } = recordings[name];
      const state = {
        COMPLETED: 'completed',
        FAILED: 'failed',
        CANCELED: 'cancelled',
        CONTINUED_AS_NEW: 'open',
      }[closed];
      expect(one.state).toBe(state);
      expect(one.failure?.type).toBe('failure' in recording ? recording.failure : undefined);
      expect(one.summary).toHaveLength(3);
      expect(one.proof.histories[0]?.events).toBeGreaterThan(1);
    },
  );
});

it('the summary says that it does not know what histories would say that are missing', async () => {
  expect((await reportOf('fleet-promoted')).summary[1]).toBe(
    'What became of the sequences is not known: histories that would say so are missing.',
  );
  expect((await reportOf('fleet-completed')).summary[1]).toMatch(/^Its runs handled 4 sequences: 4 set, /u);
});

it('a fleet whose pairs have no history here is not said to have started nothing', async () => {
  expect(renderMarkdown(await reportOf('fleet-incomplete'))).toContain(
    'The histories of the pairs are missing',
  );
  expect(renderMarkdown(await reportOf('fleet-invalid-input'))).toContain('Nothing was started.');
});

it('the summary shows where the message of a failure was cut', async () => {
  expect((await reportOf('fleet-incomplete')).summary[2]).toMatch(/…$/u);
});

describe('of a history whose payloads are encrypted', () => {
  /** As if no key had been there to decode them. */
  async function encrypted(name: RecordingName) {
    const found = historiesOf('unreleased').find((one) => one.name === name);
    const text = JSON.stringify(found?.load() ?? {});
    const of = (encoding: string) => JSON.stringify(Buffer.from(encoding).toString('base64'));
    const history = identified(
      '',
      JSON.parse(text.replaceAll(of('json/plain'), of('binary/encrypted'))) as History,
    );
    return readRun(fromBundle({ histories: [history] }), history.workflowId);
  }

  it.each(['handed-off', 'fleet-completed', 'promoted', 'invalid-input'] as const)(
    '%s it says so, and which settings hold the key',
    async (name) => {
      const histories = await encrypted(name);
      const says = /payloads of .* are encrypted: set ENCRYPTION_KEY and DECRYPTION_KEYS as for the workers/u;
      expect(() => buildReport(histories, '1.2.3')).toThrow(says);
      expect(() => toRecord(histories)).toThrow(says);
    },
  );
});

it('has a column for the evidence only if a row has some', async () => {
  const report = await reportOf('handed-off-after-top-up');
  const heading = (one: Report) =>
    renderMarkdown(one)
      .split('\n')
      .find((line) => line.startsWith('| sequence | round |'));
  expect(heading(report)).toMatch(/\| reason \|$/u);
  const sequences = report.sequences.map((row, at) =>
    at === 0 ? { ...row, evidence: 'rows' as const } : row,
  );
  expect(heading({ ...report, sequences })).toMatch(/\| reason \| evidence \|$/u);
});

it('says of a failover that handed off to nobody that it started no promotion', async () => {
  expect((await reportOf('handed-off-after-top-up')).summary[2]).toContain(
    'It completed as handed-off, and started no promotion',
  );
  expect((await reportOf('handed-off-to-promotion')).summary[2]).toContain('and handed off to promote');
});

it('names the sequences with the least headroom at the last recheck, with rate and suggested buffer', async () => {
  const { proof, advice } = await reportOf('handed-off-after-top-up');
  expect(proof.lastRecheck).toEqual({
    at: '2026-11-27T07:24:40.283Z',
    least: [
      {
        ...{ sequence: 'public.invoices', calls: '10000', callsPerSecond: '5775.57', lastsSeconds: '1' },
        suggestedBuffer: '6930694',
      },
      {
        ...{ sequence: 'public.orders', calls: '10000', callsPerSecond: '0.00', lastsSeconds: null },
        suggestedBuffer: null,
      },
    ],
  });
  expect(advice).toEqual([]);
});

it('has every value of every round, and who decided what', async () => {
  const report = await reportOf('handed-off-after-top-up');
  expect(
    report.sequences.map(({ sequence, round, last, standbyBefore, target, standbyNext, headroom }) => [
      ...[sequence, round, last, standbyBefore, target, standbyNext, headroom],
    ]),
  ).toEqual([
    ['public.invoices', 1, false, '1', '10001', '10001', '10000'],
    ['public.invoices', 2, true, '10001', '17001', '17001', '10000'],
    ['public.orders', 1, false, '-1', '-10001', '-10001', '10000'],
    ['public.orders', 3, true, '-10001', '-17001', '-17001', '10000'],
  ]);
  expect(report.decisions.map(({ decision, by, effect }) => [decision, by, effect])).toEqual([
    ['approve', 'alice', 'accepted'],
  ]);
  expect(report.waiting.map(({ behind }) => behind)).toEqual([1, 0, 1, 0]);
  expect(report.summary.join(' ')).toContain('2 sequences: 2 set, 0 ahead already, 0 skipped and 0 failed');
});

it('has each message once, with the reason where it was refused', async () => {
  const { decisions } = await reportOf('handed-off');
  expect(
    decisions.map(({ via, decision, by, effect, refusal }) => [
      via,
      decision,
      by,
      effect,
      refusal?.slice(0, 24),
    ]),
  ).toEqual([
    ['signal', 'approve', 'eager', 'refused', 'the gate is closed: the '],
    ['signal', 'promote', null, 'refused', 'unknown signal; this wor'],
    ['signal', 'approve', null, 'refused', 'the payload could not be'],
    ['update', 'approve', 'alice', 'refused', 'nothing to accept under '],
    ['update', 'approve', 'alice', 'accepted', undefined],
  ]);
});

it('warns of what is missing', async () => {
  const { warnings, proof } = await reportOf('fleet-completed');
  expect(proof.missing.length).toBeGreaterThan(0);
  expect(warnings[0]).toMatch(/^The history of .*, run .*, is missing: this report lacks what it says\.$/u);
});

it('has the runs of a fleet, with the pair of each sequence', async () => {
  const [fleet, member] = ['fleet-completed', 'synchronized'].map((name) =>
    historiesOf('unreleased')
      .find((one) => one.name === name)
      ?.load(),
  );
  if (fleet === undefined || member === undefined) throw new Error('a recording is missing');
  const histories = await readRun(
    fromBundle({ histories: [identified('', fleet)] }),
    identified('', fleet).workflowId,
  );
  const run = identified('', member);
  const [child] = histories.missing;
  if (child === undefined) throw new Error('the fleet started no run');
  const all = [...allHistories(histories), { ...run, ...child }];
  const report = buildReport(await readRun(fromBundle({ histories: all }), histories.workflowId), '1.2.3');
  expect(report).toMatchObject({
    kind: 'fleet',
    members: [{ kind: 'run', configuration: { mode: 'sync' } }],
  });
  expect(report.sequences.length).toBeGreaterThan(0);
  expect(report.sequences.map(({ pair }) => pair)).toEqual(
    report.sequences.map(() => report.members[0]?.configuration.pair),
  );
  expect(renderMarkdown(report)).toContain('## Failover report: ');
});

it.each([
  ['=HYPERLINK("http://x")', `"'=HYPERLINK(""http://x"")"`],
  ['+1+1', "'+1+1"],
  ['@SUM', "'@SUM"],
  ['-a', "'-a"],
  ['\tx', "'\tx"],
  ['\rx', `"'\rx"`],
  ['-42', '-42'],
  ['9223372036854775807', "'9223372036854775807"],
  ['-9223372036854775808', "'-9223372036854775808"],
  ['999999999999999', '999999999999999'],
  ['a,b\nc', '"a,b\nc"'],
  [null, ''],
])('writes %j into a CSV cell as %j', (value, cell) => {
  expect(csvCell(value)).toBe(cell);
});

it('lets no name become markup of the Markdown', async () => {
  const report = await reportOf('synchronized');
  const [row] = report.sequences;
  if (row === undefined) throw new Error('no row');
  const hostile = 'public."a|b</td><script>`[x](javascript:y)`\n\u202e**@team** https://x #1"';
  const text = renderMarkdown({ ...report, sequences: [{ ...row, sequence: hostile }] });
  expect(text).toContain(
    '| public."a\\|b&lt;/td&gt;&lt;script&gt;\\`\\[x\\](javascript:y)\\`\\\\n\\\\u{202e}\\*\\*\\@team\\*\\* https\\://x \\#1" |',
  );
});

it('has the certificate of a promotion, and calls the outage of a rehearsal predicted', async () => {
  const promoted = await reportOf('promoted');
  expect(promoted).toMatchObject({ kind: 'promotion', outcome: 'promoted' });
  expect(promoted.summary[2]).toMatch(/^It completed as promoted, with an outage of \d+ ms\.$/u);
  expect(promoted.timeline.find(({ what }) => what === 'read the headroom of every sequence')?.phase).toBe(
    'outage',
  );
  const { fenceLsn, confirmedLsn } = promoted.proof.certificate ?? {};
  expect(renderMarkdown(promoted)).toContain(`| LSN of the fence | ${fenceLsn ?? ''} |`);
  expect(confirmedLsn).toBeDefined();
  const rehearsed = await reportOf('promotion-rehearsed');
  expect(rehearsed.summary[2]).toMatch(/with a predicted outage of \d+ ms\.$/u);
});

it('a fleet of promotions has its own certificate, and the report of each pair', async () => {
  const histories = (['fleet-promoted', 'promoted-in-fleet'] as const).map((name) => {
    const found = historiesOf('unreleased').find((one) => one.name === name);
    if (found === undefined) throw new Error(`there is no recording ${name}`);
    return identified('', found.load());
  });
  const report = buildReport(
    await readRun(fromBundle({ histories }), histories[0]?.workflowId ?? ''),
    '1.2.3',
  );
  expect(report.kind).toBe('promotion-fleet');
  const { fleetCertificate, missing } = report.proof;
  expect(report.summary[2]).toContain(`with an outage of ${fleetCertificate?.outageMs ?? ''} ms`);
  expect(fleetCertificate?.pairs).toHaveLength(2);
  expect(report.members.map(({ kind, outcome }) => [kind, outcome])).toEqual([['promotion', 'promoted']]);
  expect(report.sequences.map(({ pair, sequence }) => [pair, sequence])).toContainEqual([
    report.members[0]?.configuration.pair,
    'public.orders_id_seq',
  ]);
  // The history of the other pair is not among those that were given.
  expect(missing).toHaveLength(1);
  const markdown = renderMarkdown(report);
  for (const heading of ['# Report of a fleet of promotions', '### Certificate of the fleet', '## Pairs'])
    expect(markdown).toContain(heading);
});

it.each([
  ['handed-off-to-promotion', 'yes', 'yes'],
  ['handed-off', 'yes', 'yes; no promotion was named, so none was started'],
  [
    'handed-off-without-primary',
    'yes, apart from 1 block that an approval accepted (see Findings)',
    'yes; no promotion was named, so none was started',
  ],
  ['rejected', 'yes', 'no'],
] as const)('the checklist of %s says how each item was done', async (name, verify, handOff) => {
  const sections = proofSections(await reportOf(name));
  const rows = sections.find(({ title }) => title === 'Checklist')?.rows.map((cells) => cells.slice(0, 2));
  expect(rows).toContainEqual(['Verify that all sequences are ahead of the primary', verify]);
  expect(rows).toContainEqual(['Hand off to promotion', handOff]);
});

it.each([
  ['NOT_AHEAD', 'yes, apart from 1 block that an approval accepted (see Findings)'],
  ['SEQUENCES_REFRESHING', 'yes, apart from 1 block that an approval accepted (see Findings)'],
  ['HANDOFF_NO_WORKER', 'yes'],
  ['TABLES_NOT_READY', 'yes'],
])('counts an accepted %s in the checklist only if it is about the proof', async (code, verify) => {
  const report = await reportOf('handed-off');
  const [finding] = (await reportOf('handed-off-without-primary')).findings;
  if (finding === undefined) throw new Error('the recording has no finding');
  const block = { ...finding, code, severity: 'block' as const, acceptedBy: ['bob'] };
  const accepted = { ...report, findings: [block] };
  const checklist = proofSections(accepted).find(({ title }) => title === 'Checklist');
  expect(checklist?.rows.map(([item, done]) => [item, done])).toContainEqual([
    'Verify that all sequences are ahead of the primary',
    verify,
  ]);
});

it('says above the rows of the sequences what the values mean', async () => {
  expect(renderMarkdown(await reportOf('handed-off'))).toMatch(
    /## Sequences\n\nEach value is what the next call of nextval returns: .*\n\n\| sequence \|/u,
  );
});

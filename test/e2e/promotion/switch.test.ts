import { describe, expect, it } from 'vitest';
import { until } from '../../../src/local/until.js';
import { readRun } from '../../../src/record/read-run.js';
import { fromBundle, identified } from '../../../src/record/source.js';
import { buildReport } from '../../../src/report/build-report.js';
import { connect, query } from '../faults/query.js';
import type { Stage } from '../stage/stage.js';
import { stageWithOperators } from './operators.js';
import {
  promotionsOn,
  promoted,
  writerOn,
  writes,
  fencedWriter,
  labels,
  expectNothingLost,
  settings,
} from './staged-promotions.js';

let stage: Stage;
stageWithOperators((started) => {
  stage = started;
});
const { replicatedPair, promote, heldBehindTheFence } = promotionsOn(() => stage);

describe('a planned promotion', () => {
  it('switches under a live writer, loses no row, and turns the replication round', async () => {
    const pair = await replicatedPair();
    const writer = writerOn(pair.primaryUrl);
    await writes(writer);
    // The writer uses up this buffer faster than a round can set it. Behind the fence, it cannot.
    const input = { pair: pair.name, ticket: 'CHG-1', buffer: { calls: '20' } };
    const rehearsed = await promoted(await promote({ ...input, rehearse: true }));
    expect(rehearsed.outcome).toBe('rehearsed');
    const run = await promote(input);
    const result = await promoted(run);
    expect(result.findings.map(({ code }) => code)).not.toContain('NOT_AHEAD');
    expect(BigInt(result.certificate.minimumHeadroom?.calls ?? -1)).toBeGreaterThanOrEqual(10n);
    writer.moveTo(pair.standbyUrl);
    await writes(writer);
    await writer.stop();

    expect(result).toMatchObject({
      outcome: 'promoted',
      phase: 'done',
      ticket: 'CHG-1',
      leftovers: [],
      certificate: { sequences: 2, predictedOutageMs: rehearsed.certificate.outageMs },
    });
    console.info('outage in ms', result.certificate.outageMs, result.certificate.steps);
    expect(result.steps.map(({ step, state }) => [step, state])).toEqual([
      ...['check', 'synchronize', 'wayBack', 'fence', 'confirm', 'verify'].map((step) => [step, 'done']),
      ['beforeSwitch', 'skipped'],
      ['open', 'done'],
      ['traffic', 'skipped'],
      ['enableWayBack', 'done'],
    ]);
    const there = await expectNothingLost(writer, pair.standbyUrl);
    // And it travels back.
    await until(async () => (await labels(pair.primaryUrl)).length === there.length, {
      what: 'the rows to come to the old primary',
    });
    expect(await labels(pair.primaryUrl)).toEqual(there);
    const [recorded] = await query(
      pair.standbyUrl,
      "SELECT state, ticket, outage_ms::int, record_digest FROM sequence_failover.promotions WHERE state <> 'rehearsed'",
    );
    const { recordDigest } = result;
    expect(recorded).toEqual({
      ...{ state: 'promoted', ticket: 'CHG-1', outage_ms: result.certificate.outageMs },
      record_digest: recordDigest,
    });
    const histories = fromBundle({ histories: [identified('', await run.history())] });
    const { proof } = buildReport(await readRun(histories, run.workflowId), '1.2.3');
    // As many records as the writer caused: a top-up has its own. The digest covers all of them.
    const records = proof.recordDigest?.records;
    expect(records).toBeGreaterThan(0);
    expect(proof.recordDigest).toEqual({ sha256: recordDigest, records, covered: records, problems: [] });
    // Nobody writes to the old primary.
    const late = writerOn(pair.primaryUrl, 'late');
    await expect(query(pair.primaryUrl, "INSERT INTO orders (label) VALUES ('late')")).rejects.toThrow(
      'read-only transaction',
    );
    await late.stop();
    expect(late.confirmed).toEqual([]);
  });
});

it('keeps applications from writing to the standby until it is open, and what others write there travels back', async () => {
  const pair = await replicatedPair();
  const insert = (label: string) => `INSERT INTO orders (label) VALUES ('${label}')`;
  // A session that began earlier keeps its setting.
  const earlier = await connect(pair.standbyUrl);
  const { run, lastWord } = await heldBehindTheFence(pair);
  const early = await connect(pair.standbyUrl);
  await expect(early.query(insert('early'))).rejects.toThrow('read-only transaction');
  const [setting] = (await earlier.query<{ server_version_num: string }>('SHOW server_version_num')).rows;
  const filters = Number(setting?.server_version_num) >= 160_000;
  if (filters) await earlier.query(insert('earlier'));
  // The subscription of the standby goes on.
  const writing = await connect(pair.primaryUrl);
  await writing.query(`BEGIN READ WRITE; ${insert('received')}; COMMIT`);
  await lastWord.signal('finish');
  await promoted(run);
  // A session that is read-only for its life is ended, as one in a connection pool.
  await expect(early.query(insert('early'))).rejects.toThrow(/terminat|not queryable/u);
  await query(pair.standbyUrl, insert('opened'));
  const all = [...(filters ? ['earlier'] : []), 'opened', 'received'];
  expect(await labels(pair.standbyUrl)).toEqual(all);
  await until(async () => (await labels(pair.primaryUrl)).length === all.length, {
    what: 'the rows to come to the old primary',
  });
  expect(await labels(pair.primaryUrl)).toEqual(all);
});

it('goes on in another worker when one is killed while it fences', async () => {
  const pair = await replicatedPair();
  const writer = await fencedWriter(pair);
  // Whoever alters the database's settings waits for this.
  const holder = await connect(pair.primaryUrl);
  await holder.query(`BEGIN; ALTER DATABASE ${pair.name} SET work_mem TO '6MB'`);
  const run = await promote({ pair: pair.name });
  await until(
    async () =>
      (
        await query(
          pair.primaryUrl,
          "SELECT FROM pg_stat_activity WHERE query LIKE '%ALTER DATABASE%' AND wait_event_type = 'Lock'",
        )
      ).length > 0,
    { what: 'the fence to be raised' },
  );
  await stage.killWorker();
  await stage.restartWorker();
  await holder.query('COMMIT');
  await holder.end();
  const result = await promoted(run);
  expect(result.outcome).toBe('promoted');
  writer.moveTo(pair.standbyUrl);
  await writes(writer);
  await writer.stop();
  await expectNothingLost(writer, pair.standbyUrl);
});

it('fails over and back under load, and neither side lacks a row', async () => {
  const pair = await replicatedPair();
  const writer = await fencedWriter(pair);
  const fence = { kind: 'no-connections' };
  const before = await Promise.all([pair.primaryUrl, pair.standbyUrl].map(settings));
  await promoted(await promote({ pair: pair.name, fence }));
  writer.moveTo(pair.standbyUrl);
  await writes(writer);
  const back = await promoted(await promote({ pair: `reversed:${pair.name}`, fence }));
  // It has lifted the fence of the first time itself.
  expect(back.findings.map(({ code }) => code)).not.toContain('READ_ONLY_DEFAULT');
  // The fence of the first time is gone from where the second has led, as if it had never been.
  expect(await settings(pair.primaryUrl)).toEqual(before[0]);
  writer.moveTo(pair.primaryUrl);
  await writes(writer);
  await promoted(await promote({ pair: pair.name, fence }));
  expect(await settings(pair.standbyUrl)).toEqual(before[1]);
  writer.moveTo(pair.standbyUrl);
  await writes(writer);
  await writer.stop();
  const there = await expectNothingLost(writer, pair.standbyUrl);
  expect(new Set(there).size).toBe(there.length);
  await until(async () => (await labels(pair.primaryUrl)).length === there.length, {
    what: 'the rows to come to the other side',
  });
  expect(await labels(pair.primaryUrl)).toEqual(there);
});

it('leaves a role read-only that is so on both sides, and lifts what only the standby has', async () => {
  const pair = await replicatedPair();
  const [reports, early] = [`${pair.name}_reports`, `${pair.name}_early`];
  const readOnly = (role: string) =>
    `ALTER ROLE ${role} IN DATABASE ${pair.name} SET default_transaction_read_only TO on`;
  for (const url of [pair.primaryUrl, pair.standbyUrl])
    await query(url, `CREATE ROLE ${reports} LOGIN; CREATE ROLE ${early} LOGIN; ${readOnly(reports)}`);
  await query(pair.standbyUrl, readOnly(early));
  await promoted(await promote({ pair: pair.name }));
  expect(
    await query(
      pair.standbyUrl,
      `SELECT rolname, setconfig FROM pg_db_role_setting JOIN pg_roles ON pg_roles.oid = setrole
       WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database()) ORDER BY 1`,
    ),
  ).toEqual([{ rolname: reports, setconfig: ['default_transaction_read_only=on'] }]);
});

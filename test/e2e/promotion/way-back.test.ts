import { expect, it, onTestFinished } from 'vitest';
import { until } from '../../../src/local/until.js';
import { paste, statementsIn } from '../../integration/postgres/paste.js';
import { connect, query } from '../faults/query.js';
import type { Stage } from '../stage/stage.js';
import type { StagedPair } from '../stage/staged-pair.js';
import { failed, WorkflowRun } from '../stage/workflow-run.js';
import type { LiveWriter } from './live-writer.js';
import { stageWithOperators } from './operators.js';
import {
  expectNothingLost,
  fencedWriter,
  labels,
  promoted,
  promotionsOn,
  undone,
  untilRunning,
  writes,
} from './staged-promotions.js';

let stage: Stage;
stageWithOperators((started) => {
  stage = started;
});
const { replicatedPair, promote } = promotionsOn(() => stage);

/** The new primary removes WAL that the old one has not received. */
async function loseSlot(url: string): Promise<void> {
  const admin = await connect(url);
  await admin.query("ALTER SYSTEM SET max_slot_wal_keep_size = '16MB'");
  await admin.query('SELECT pg_reload_conf()');
  // The fence of the promotion back ends this session.
  onTestFinished(async () => {
    await admin.end().catch(() => undefined);
    await query(url, 'ALTER SYSTEM RESET max_slot_wal_keep_size');
    await query(url, 'SELECT pg_reload_conf()');
  });
  const lost =
    "SELECT FROM pg_replication_slots WHERE database = current_database() AND to_jsonb(pg_replication_slots) ->> 'wal_status' = 'lost'";
  await until(
    async () => {
      await admin.query("SELECT pg_logical_emit_message(false, 'test', 'a record in each segment')");
      await admin.query('SELECT pg_switch_wal()');
      await admin.query('CHECKPOINT');
      return (await admin.query(lost)).rowCount === 1;
    },
    { interval: 50, what: 'the slot to be lost' },
  );
}

const dropSlot = (url: string) =>
  query(
    url,
    'SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = current_database()',
  );

async function dropSubscription(url: string): Promise<void> {
  const admin = await connect(url);
  await admin.query('SET default_transaction_read_only TO off');
  await admin.query('ALTER SUBSCRIPTION sequence_failover_way_back SET (slot_name = NONE)');
  await admin.query('DROP SUBSCRIPTION sequence_failover_way_back');
  await admin.end();
}

/** Pastes the remedy into one session on each side, after the leftovers. In it, the standby is the old primary. */
async function follow(
  { primaryUrl, standbyUrl }: StagedPair,
  { leftovers, remedy }: { leftovers: readonly string[]; remedy: string },
): Promise<void> {
  const [onNew, onOld] = [await connect(standbyUrl), await connect(primaryUrl)];
  onTestFinished(async () => {
    await Promise.all([onNew.end(), onOld.end()]);
  });
  await onNew.query(
    "DO $$ BEGIN CREATE ROLE receiver SUPERUSER LOGIN PASSWORD 'received'; EXCEPTION WHEN duplicate_object THEN NULL; END $$",
  );
  for (const leftover of leftovers) {
    const side = leftover.startsWith('on the old primary: ') ? onOld : onNew;
    for (const statement of statementsIn(leftover)) await side.query(statement);
  }
  // What comes after this is for those who want no way back.
  const [wanted = ''] = remedy.split('If the old primary is gone for good');
  await paste(
    wanted,
    {
      primary: (statement) => onNew.query(statement),
      standby: (statement) => onOld.query(statement),
    },
    (text) => text.replace('<role with REPLICATION>', 'receiver').replace('<its password>', 'received'),
  );
}

/** The old primary gets every row, and can take over again. */
async function expectWayBack(pair: StagedPair, writer: LiveWriter): Promise<void> {
  await writes(writer);
  await writer.stop();
  const there = await expectNothingLost(writer, pair.standbyUrl);
  await until(async () => (await labels(pair.primaryUrl)).length === there.length, {
    what: 'the rows to come to the old primary',
  });
  expect(await labels(pair.primaryUrl)).toEqual(there);
  // A table whose copy has ended still has to catch up with the others.
  const notReady = "SELECT FROM pg_subscription_rel WHERE srsubstate <> 'r'";
  await until(async () => (await query(pair.primaryUrl, notReady)).length === 0, {
    what: 'the tables to be ready',
  });
  await promoted(await promote({ pair: `reversed:${pair.name}` }));
  await query(pair.primaryUrl, "INSERT INTO orders (label) VALUES ('back')");
  const all = await labels(pair.primaryUrl);
  expect(all).toHaveLength(there.length + 1);
  await until(async () => (await labels(pair.standbyUrl)).length === all.length, {
    what: 'the row to come to the other side',
  });
}

it.each([
  ['its slot is lost', ({ standby }) => loseSlot(standby), 'is lost: the new primary has removed WAL'],
  ['its slot is gone', ({ standby }) => dropSlot(standby), 'of the way back is gone'],
  ['its subscription is gone', ({ primary }) => dropSubscription(primary), 'has no subscription'],
  [
    'all of it is gone',
    async ({ primary, standby }) => {
      await dropSubscription(primary);
      await dropSlot(standby);
    },
    'has no subscription',
  ],
] satisfies [string, (urls: { primary: string; standby: string }) => Promise<unknown>, string][])(
  'whoever follows the remedy has a way back if %s before it is enabled',
  async (_, breakIt, why) => {
    const pair = await replicatedPair();
    const writer = await fencedWriter(pair);
    const workflowId = `move-${pair.name}`;
    const run = await promote({
      pair: pair.name,
      traffic: { workflowType: 'holdSwitch', taskQueue: 'operators', workflowId },
    });
    await untilRunning(run, 'traffic');
    writer.moveTo(pair.standbyUrl);
    await writes(writer);
    await breakIt({ primary: pair.primaryUrl, standby: pair.standbyUrl });
    const mover = await new WorkflowRun(stage.cli, workflowId).begun();
    await mover.signal('finish');
    const { type, message, details } = await undone(run);
    expect({ type, message }).toEqual({
      type: 'Unfinished',
      message: expect.stringContaining(why) as string,
    });
    const [broken, ...others] = details.findings.filter(({ code }) => code === 'WAY_BACK_NOT_ENABLED');
    expect(others).toEqual([]);
    // It could not work.
    expect(broken?.remedy).not.toContain('fix the cause, then');
    await follow(pair, { leftovers: details.leftovers, remedy: broken?.remedy ?? '' });
    await expectWayBack(pair, writer);
  },
);

it('a check of the reversed pair says how to make the way back anew if its slot is lost later', async () => {
  const pair = await replicatedPair();
  const writer = await fencedWriter(pair);
  await promoted(await promote({ pair: pair.name }));
  writer.moveTo(pair.standbyUrl);
  await writes(writer);
  // The old primary is away for some time.
  const old = await connect(pair.primaryUrl);
  await old.query('SET default_transaction_read_only TO off');
  await old.query('ALTER SUBSCRIPTION sequence_failover_way_back DISABLE');
  await old.end();
  const isActive = 'SELECT FROM pg_replication_slots WHERE active AND database = current_database()';
  await until(async () => (await query(pair.standbyUrl, isActive)).length === 0, {
    what: 'the walsender to end',
  });
  await loseSlot(pair.standbyUrl);
  const check = await failed(await stage.start({ pair: `reversed:${pair.name}`, mode: 'check' }));
  const { findings } = check.details;
  expect(findings.find(({ code }) => code === 'SUBSCRIPTION_DISABLED')?.remedy).toContain(
    'unless SLOT_LOST is shown too',
  );
  const remedy = findings.find(({ code }) => code === 'SLOT_LOST')?.remedy ?? '';
  await follow(pair, { leftovers: [], remedy });
  const [slot] = await query<{ slot_name: string }>(
    pair.standbyUrl,
    'SELECT slot_name FROM pg_replication_slots WHERE database = current_database()',
  );
  expect(slot?.slot_name).toMatch(/^sequence_failover_way_back_\d+$/u);
  await expectWayBack(pair, writer);
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../src/local/until.js';
import type { Finding } from '../../src/contract/status.js';
import { alignOids, copyOf, startCopiedPair } from './faults/copied-servers.js';
import { FaultStage, type FaultyPair } from './faults/fault-stage.js';
import { hold } from './faults/hold.js';
import { buffer, expectAhead, headroom, sequences, used } from './faults/invariants.js';
import { connect, query } from './faults/query.js';
import { paste } from '../integration/postgres/paste.js';
import { json } from './stage/payloads.js';
import { completed, failed, type WorkflowRun } from './stage/workflow-run.js';

const SEQUENCES = 4;

let stage: FaultStage;
beforeAll(async () => {
  stage = await FaultStage.start();
});
afterAll(async () => {
  await stage.stop();
});

async function usedPair(on = stage, schema = ''): Promise<FaultyPair> {
  const pair = await on.pair(`${sequences(SEQUENCES)}; ${schema}`);
  await pair.databases.primary.sql(used(SEQUENCES));
  return pair;
}

async function refusal(run: WorkflowRun): Promise<string> {
  const { type, message } = await failed(run);
  expect(type).toBe('NotReady');
  return message;
}

const blocks = (findings: readonly Finding[]) =>
  findings.filter(({ severity }) => severity === 'block').map(({ code, sequence }) => [code, sequence]);

const remedies = (findings: readonly Finding[]) =>
  Object.fromEntries(findings.map(({ code, remedy }) => [code, remedy]));

describe('a pair is refused at once', () => {
  it('when both addresses lead to one database', async () => {
    const pair = await usedPair();
    pair.toStandby.leadTo(stage.servers.primary);
    const before = await pair.databases.primary.positions();
    expect(await refusal(await stage.start({ pair: pair.name, mode: 'sync' }))).toMatch(
      /lead to the same database; point STANDBY_URL/,
    );
    expect(await pair.databases.primary.positions()).toEqual(before);
  });

  it('when its roles are swapped', async () => {
    const pair = await usedPair(stage, 'CREATE TABLE orders (id bigint PRIMARY KEY)');
    await pair.databases.subscribe();
    pair.toPrimary.leadTo(stage.servers.standby);
    pair.toStandby.leadTo(stage.servers.primary);
    expect(await refusal(await stage.start({ pair: pair.name, mode: 'sync' }))).toMatch(/roles look swapped/);
  });

  it('when a side is in recovery, and the message names the way out', async () => {
    const pair = await usedPair();
    const physical = await copyOf(stage.servers.primary, 'physical', { recovering: true });
    try {
      pair.toStandby.leadTo(physical);
      expect(await refusal(await stage.start({ pair: pair.name, mode: 'sync' }))).toMatch(
        /the standby is in recovery: .*pg_promote\(\)/,
      );
      pair.toStandby.leadTo(stage.servers.standby);
      pair.toPrimary.leadTo(physical);
      expect(await refusal(await stage.start({ pair: pair.name, mode: 'sync' }))).toMatch(
        /the primary is in recovery: .*stale/,
      );
    } finally {
      await physical.stop();
    }
  });
});

it('a standby with default_transaction_read_only is only an information', async () => {
  const pair = await usedPair();
  await pair.databases.standby.sql(`ALTER DATABASE ${pair.name} SET default_transaction_read_only = on`);
  const { findings } = await completed(await stage.start({ pair: pair.name, mode: 'sync', buffer }));
  expect(findings.map(({ code, severity }) => [code, severity])).toContainEqual([
    'READ_ONLY_DEFAULT',
    'info',
  ]);
  await expectAhead(pair);
});

it('a remedy can be pasted on sides that are read-only by default', async () => {
  const pair = await usedPair();
  const { primary, standby } = pair.databases;
  await primary.sql('CREATE SEQUENCE only_here');
  await primary.sql(`SELECT nextval('only_here')`);
  const before = await completed(await stage.start({ pair: pair.name, mode: 'plan', buffer }));
  const remedyOf = ({ findings }: { findings: readonly Finding[] }) =>
    remedies(findings)['MISSING_ON_STANDBY'] ?? '';
  expect(remedyOf(before)).not.toContain('SET default_transaction_read_only');
  for (const side of [primary, standby])
    await side.sql(`ALTER DATABASE ${pair.name} SET default_transaction_read_only = on`);

  const fenced = await completed(await stage.start({ pair: pair.name, mode: 'plan', buffer }));
  expect([fenced.primary, fenced.standby]).toMatchObject([{ readOnly: true }, { readOnly: true }]);
  // As psql sends them: one after the other, in one new session.
  const session = await connect(pair.standbyUrl);
  await paste(remedyOf(fenced), { standby: (statement) => session.query(statement) });
  const after = await completed(await stage.start({ pair: pair.name, mode: 'sync', buffer }));
  expect(after.counts).toMatchObject({ total: SEQUENCES + 1, applied: SEQUENCES + 1 });
});

describe('differences and broken replication between the two sides block', () => {
  it('a disabled subscription, until it is enabled', async () => {
    const pair = await usedPair(stage, 'CREATE TABLE orders (id bigint PRIMARY KEY)');
    await pair.databases.subscribe();
    await pair.databases.standby.sql(`ALTER SUBSCRIPTION ${pair.name} DISABLE`);
    const run = await stage.start({ pair: pair.name, buffer });
    const { findings } = await run.atGate();
    expect(blocks(findings)).toEqual([['SUBSCRIPTION_DISABLED', null]]);
    expect(remedies(findings)['SUBSCRIPTION_DISABLED']).toContain(`ALTER SUBSCRIPTION "${pair.name}" ENABLE`);
    await pair.databases.standby.sql(`ALTER SUBSCRIPTION ${pair.name} ENABLE`);
    await run.signal('resynchronize', ...json({ by: 'alice' }));
    await run.until('the gate is open', ({ gate }) => gate?.state === 'open');
    await run.signal('approve', ...json({ by: 'alice' }));
    expect(await completed(run)).toMatchObject({ outcome: 'handed-off' });
  });

  it('a table whose initial copy has not ended', async () => {
    const pair = await usedPair(stage, 'CREATE TABLE orders (id bigint PRIMARY KEY)');
    await pair.databases.subscribe();
    await pair.databases.primary.sql(
      'CREATE TABLE late (id bigint PRIMARY KEY); INSERT INTO late VALUES (1)',
    );
    // Its copy collides with this row, again and again.
    await pair.databases.standby.sql(
      'CREATE TABLE late (id bigint PRIMARY KEY); INSERT INTO late VALUES (1)',
    );
    await pair.databases.standby.sql(`ALTER SUBSCRIPTION ${pair.name} REFRESH PUBLICATION`);
    const run = await stage.start({ pair: pair.name, mode: 'verify', buffer: { calls: '0' } });
    const { details } = await failed(run);
    expect(blocks(details.findings)).toContainEqual(['TABLES_NOT_READY', null]);
    await pair.databases.standby.sql(`ALTER SUBSCRIPTION ${pair.name} DISABLE`);
  });

  it('a differing increment, a name that feeds another column, an unlogged sequence', async () => {
    const pair = await stage.pair(`
      CREATE SEQUENCE fine; CREATE SEQUENCE differs; CREATE SEQUENCE feeds; CREATE SEQUENCE unlogged;
      CREATE TABLE one (id bigint, other bigint, third bigint)`);
    await pair.databases.primary.sql("ALTER TABLE one ALTER id SET DEFAULT nextval('feeds')");
    // There are none before PostgreSQL 15.
    const [server] = await pair.databases.standby.sql<{ unlogs: boolean }>(
      "SELECT current_setting('server_version_num')::integer >= 150000 AS unlogs",
    );
    const unlogs = server?.unlogs === true;
    await pair.databases.standby.sql(`
      ALTER SEQUENCE differs INCREMENT BY 5; ${unlogs ? 'ALTER SEQUENCE unlogged SET UNLOGGED;' : ''}
      ALTER TABLE one ALTER other SET DEFAULT nextval('feeds'), ALTER third SET DEFAULT nextval('unlogged')`);
    await pair.databases.primary.sql("ALTER TABLE one ALTER third SET DEFAULT nextval('unlogged')");
    const run = await stage.start({ pair: pair.name, buffer });
    const { findings, gate } = await run.atGate();
    expect(blocks(findings).sort()).toEqual([
      ['DEFINITION_DIFFERS', 'public.differs'],
      ['FEEDS_DIFFER', 'public.feeds'],
      ...(unlogs ? [['UNLOGGED', 'public.unlogged']] : []),
    ]);
    expect(gate?.state).toBe('blocked');
    expect(remedies(findings)).toMatchObject({
      DEFINITION_DIFFERS: expect.stringContaining('ALTER SEQUENCE public.differs INCREMENT BY 1') as string,
      ...(unlogs && {
        UNLOGGED: expect.stringContaining('ALTER SEQUENCE public.unlogged SET LOGGED') as string,
      }),
    });
    expect(await pair.databases.standby.position('public.differs')).toEqual(['1', false]);
    expect(await pair.databases.standby.position('public.fine')).toEqual(['1000', true]);
  });
});

it('a TRUNCATE that restarts a sequence, still in the stream, never ends in a standby behind', async () => {
  const pair = await usedPair(stage, 'CREATE TABLE orders (id bigserial PRIMARY KEY, note text)');
  await pair.databases.subscribe();
  await pair.databases.primary.sql("INSERT INTO orders (note) SELECT 'x' FROM generate_series(1, 300)");
  const run = await stage.start({ pair: pair.name, buffer });
  await run.atGate();
  const lock = await hold(pair.standbyUrl, 'LOCK TABLE orders IN ACCESS EXCLUSIVE MODE');
  await pair.databases.primary.sql(
    "TRUNCATE orders RESTART IDENTITY; INSERT INTO orders (note) SELECT 'y' FROM generate_series(1, 20)",
  );
  await run.signal('approve', ...json({ by: 'alice' }));
  const { gate } = await run.until('back at the gate', (status) => status.gate?.state === 'blocked');
  expect(gate).toMatchObject({ approvals: [], blockedBy: [{ code: 'NOT_CAUGHT_UP' }], refusedCount: 1 });

  await lock.commit();
  const restarted = async () => (await headroom(pair))['public.orders_id_seq'] === -20n;
  await until(restarted, { what: 'the stream to restart the sequence on the standby' });
  await run.signal('resynchronize', ...json({ by: 'bob' }));
  await run.until('the gate is open', (status) => status.gate?.state === 'open');
  await run.signal('approve', ...json({ by: 'bob' }));
  expect(await completed(run)).toMatchObject({
    outcome: 'handed-off',
    gate: { approvals: [{ by: 'bob' }] },
  });
  await expectAhead(pair);
});

it('a TRUNCATE that was applied before the approval is made good before the handoff', async () => {
  const pair = await usedPair(stage, 'CREATE TABLE orders (id bigserial PRIMARY KEY)');
  await pair.databases.subscribe();
  await pair.databases.primary.sql("SELECT setval('orders_id_seq', 300)");
  const run = await stage.start({ pair: pair.name, buffer });
  await run.atGate();
  await pair.databases.primary.sql('TRUNCATE orders RESTART IDENTITY');
  // Not waited for: the verification after the approval has to.
  await run.signal('approve', ...json({ by: 'alice' }));
  expect(await completed(run)).toMatchObject({ outcome: 'handed-off', round: 2 });
  await expectAhead(pair);
});

/** Both addresses, as they are misled in the middle of applying and while a run waits. */
function misled(of: () => FaultStage, pairOn: () => Promise<FaultyPair>): void {
  const sides = [
    { side: 'standby', to: 'primary', network: 'toStandby' },
    { side: 'primary', to: 'standby', network: 'toPrimary' },
  ] as const;

  it.each(sides)(
    'when the $side’s address leads to the $to in the middle of applying',
    async ({ side, to, network }) => {
      const pair = await pairOn();
      const before = await pair.databases.primary.positions();
      const alter = await hold(pair.standbyUrl, 'ALTER SEQUENCE s_0002 CACHE 1');
      const run = await of().start({ pair: pair.name, mode: 'sync', buffer });
      const trying = async () => (await of().running(run)).includes('applyTargets');
      await until(trying, { what: 'a setval that waits' });
      pair[network].leadTo(of().servers[to]);
      await alter.commit();
      const message = await refusal(run);
      expect(message).toContain(`The ${side}'s address`);
      expect(message).toContain('leads to another database than the run began with');
      expect(await pair.databases.primary.positions()).toEqual(before);
    },
  );

  it.each(sides)(
    'when the $side’s address leads to the $to while it waits',
    async ({ side, to, network }) => {
      const pair = await pairOn();
      const run = await of().start({ pair: pair.name, buffer, approval: { recheckEvery: '1 second' } });
      await run.atGate();
      const [before, after] = [
        await pair.databases.primary.positions(),
        await pair.databases.standby.positions(),
      ];
      pair[network].leadTo(of().servers[to]);
      await run.until('the wrong server is noticed', ({ findings }) =>
        findings.some(
          ({ code, message }) =>
            code === 'LOOK_FAILED' && message.includes('leads to another database than the run began with'),
        ),
      );
      expect(await run.decide(...json({ decision: 'approve', by: 'alice' }))).toMatchObject({
        stands: false,
      });
      expect(await pair.databases.primary.positions()).toEqual(before);
      expect(await pair.databases.standby.positions()).toEqual(after);
      pair[network].leadTo(of().servers[side]);
      await run.until('the right server clears it', ({ gate }) => gate?.state === 'open');
      await run.signal('approve', ...json({ by: 'alice' }));
      expect(await completed(run)).toMatchObject({ outcome: 'handed-off' });
    },
  );
}

describe('a run never goes on with another server', () => {
  misled(
    () => stage,
    () => usedPair(),
  );
});

describe('a standby that began as a copy of the primary', () => {
  let copied: FaultStage;
  beforeAll(async () => {
    copied = await FaultStage.start({ servers: startCopiedPair });
  });
  afterAll(async () => {
    await copied.stop();
  });

  /** Its databases have one oid, too. */
  async function copiedPair(): Promise<FaultyPair> {
    await alignOids(copied.servers);
    const pair = await usedPair(copied);
    const identity = `SELECT system_identifier, oid FROM pg_control_system(), pg_database WHERE datname = current_database()`;
    expect(await query(pair.primaryUrl, identity)).toEqual(await query(pair.standbyUrl, identity));
    return pair;
  }

  it('is a pair like any other', async () => {
    const pair = await copiedPair();
    const before = await pair.databases.primary.positions();
    const run = await copied.start({ pair: pair.name, buffer });
    await run.atGate();
    await run.signal('approve', ...json({ by: 'alice' }));
    expect(await completed(run)).toMatchObject({ outcome: 'handed-off', counts: { applied: SEQUENCES } });
    await expectAhead(pair);
    expect(await pair.databases.primary.positions()).toEqual(before);
  });

  it('is refused when both addresses lead to one of the two', async () => {
    const pair = await copiedPair();
    pair.toStandby.leadTo(copied.servers.primary);
    expect(await refusal(await copied.start({ pair: pair.name, mode: 'sync' }))).toMatch(
      /lead to the same database/,
    );
  });

  misled(() => copied, copiedPair);
});

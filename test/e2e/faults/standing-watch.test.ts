import type pg from 'pg';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import type { RunResult } from '../../../src/contract/status.js';
import { until } from '../../../src/local/until.js';
import { json } from '../stage/payloads.js';
import { completed } from '../stage/workflow-run.js';
import { FaultStage } from './fault-stage.js';
import { hold } from './hold.js';
import { connect, query } from './query.js';
import { seededRandom } from './seeded-random.js';

/** SIGKILLs of the primary, each at another moment; docs/explanation/what-it-cannot-promise.md has the figures of 50. */
const ROUNDS = Number(process.env['LOST_PRIMARY_ROUNDS'] ?? '2');
/** What full load consumes in some seconds here: what was consumed since the last evidence, only the buffer covers. */
const buffer = { calls: '100000' };

let stage: FaultStage;
beforeAll(async () => {
  stage = await FaultStage.start({ pairs: 1 });
});
afterAll(async () => {
  await stage.stop();
});

it('ends at once, and plainly, where another run on the pair is open', async () => {
  const pair = await stage.pair('CREATE SEQUENCE s');
  const open = await stage.start({ pair: pair.name, buffer });
  await open.atGate();
  const sync = await stage.start({ pair: pair.name, mode: 'sync', ifLocked: 'skip', buffer });
  expect(await completed(sync)).toMatchObject({ outcome: 'skipped', round: 0 });
  expect(await open.status()).toMatchObject({ round: 1, gate: { state: 'open' } });
  // The pair is still the other's.
  expect(
    await completed(await stage.start({ pair: pair.name, mode: 'sync', ifLocked: 'skip', buffer })),
  ).toMatchObject({ outcome: 'skipped' });
  await open.cancel();
  await open.ending();
  expect(
    await completed(await stage.start({ pair: pair.name, mode: 'sync', ifLocked: 'skip', buffer })),
  ).toMatchObject({ outcome: 'synchronized' });
});

it('is waited for by a failover that starts while it works', async () => {
  const pair = await stage.pair('CREATE SEQUENCE s');
  const held = await hold(pair.standbyUrl, 'ALTER SEQUENCE s CACHE 1');
  const watch = await stage.start({ pair: pair.name, mode: 'sync', ifLocked: 'skip', buffer });
  await until(async () => (await stage.running(watch)).includes('applyTargets'), {
    what: 'the watch to set the sequence',
  });
  const failover = await stage.start({ pair: pair.name, buffer });
  await until(async () => (await stage.attempts(failover, 'lockPair')) >= 2, {
    what: 'the failover to wait for the lock',
  });
  await held.commit();
  expect(await completed(watch)).toMatchObject({ outcome: 'synchronized' });
  expect((await failover.atGate()).gate).toMatchObject({ state: 'open' });
});

it('is run by a Schedule, beside a failover that it leaves alone', async () => {
  const pair = await stage.pair('CREATE SEQUENCE s');
  const schedule = (...args: string[]) => stage.cli.attempt('schedule', ...args, '--schedule-id', 'watch');
  const input = JSON.stringify({ pair: pair.name, mode: 'sync', ifLocked: 'skip', buffer });
  onTestFinished(() => schedule('delete').then(() => undefined));
  const created = await schedule(
    ...['create', '--interval', '1s', '--overlap-policy', 'Skip', '--type', 'sequenceFailover'],
    ...['--task-queue', 'sequence-failover', '--workflow-id', 'watch', '--input', input],
  );
  expect(created).toMatchObject({ code: 0 });
  const recorded = async () => {
    const exists = "SELECT to_regclass('sequence_failover.runs') IS NOT NULL AS exists";
    const [{ exists: is } = { exists: false }] = await query<{ exists: boolean }>(pair.standbyUrl, exists);
    if (!is) return [];
    return query<{ outcome: string }>(
      pair.standbyUrl,
      "SELECT outcome FROM sequence_failover.runs WHERE state = 'completed'",
    );
  };
  await until(async () => (await recorded()).length >= 2, {
    interval: 200,
    what: 'two runs of the Schedule',
  });
  const failover = await until(
    async () => {
      const run = await stage.start({ pair: pair.name, buffer });
      const status = await run.atGate().catch(() => null);
      return status === null ? false : run;
    },
    { interval: 500, what: 'a failover between two runs of the Schedule' },
  );
  const list = () => stage.client.workflow.list({ query: 'WorkflowId STARTS_WITH "watch-"' });
  await until(
    async () => {
      for await (const { workflowId, status } of list()) {
        if (status.name !== 'COMPLETED') continue;
        const result = (await stage.client.workflow.getHandle(workflowId).result()) as RunResult;
        if (result.outcome === 'skipped') return true;
      }
      return false;
    },
    { interval: 500, what: 'a run that was skipped' },
  );
  expect(await failover.status()).toMatchObject({ round: 1, gate: { state: 'open' } });
  await schedule('delete');
  await until(
    async () => {
      for await (const { status } of list()) if (status.name === 'RUNNING') return false;
      return true;
    },
    { interval: 500, what: 'the last run of the Schedule to end' },
  );
});

/** Inserts as fast as the server takes it, until the connection is lost. */
class Writer {
  /** The largest id that the server has confirmed. */
  confirmed = 0n;
  readonly #done: Promise<void>;

  constructor(client: pg.Client) {
    this.#done = this.#write(client);
  }

  static async start(url: string): Promise<Writer> {
    return new Writer(await connect(url));
  }

  async stopped(): Promise<void> {
    await this.#done;
  }

  async #write(client: pg.Client): Promise<void> {
    for (;;) {
      try {
        const { rows } = await client.query<{ id: string }>(
          "INSERT INTO orders (note) SELECT 'x' FROM generate_series(1, 20) RETURNING id",
        );
        for (const { id } of rows) if (BigInt(id) > this.confirmed) this.confirmed = BigInt(id);
      } catch {
        return;
      }
    }
  }
}

const seeds = Array.from({ length: ROUNDS }, (_, index) => index + 1);

it.each(seeds)(
  'a primary that was killed under full load is done without, and no key is given twice: seed %i',
  async (seed) => {
    const random = seededRandom(seed);
    const pair = await stage.pair('CREATE TABLE orders (id bigserial PRIMARY KEY, note text)');
    const { primary } = stage.servers;
    onTestFinished(() => (primary.isRunning() ? undefined : primary.start()));
    await pair.databases.subscribe();
    const watch = { pair: pair.name, mode: 'sync', ifLocked: 'skip', buffer };
    await completed(await stage.start(watch));
    const writers = await Promise.all([1, 2].map(() => Writer.start(pair.primaryUrl)));
    // The watch comes round while they write, and goes on when the primary dies.
    // It fails where they take more than half of the buffer while it works: what it has set and recorded stays.
    if (random() < 0.8) await (await stage.start(watch)).ending();
    const second = random() < 0.5 ? await stage.start(watch) : null;
    await new Promise((resolve) => setTimeout(resolve, Math.floor(random() * 1_500)));
    await primary.kill();
    await Promise.all(writers.map((writer) => writer.stopped()));

    const run = await stage.start({ pair: pair.name, primary: 'lost', buffer });
    const { gate, findings } = await run.atGate();
    // The watch that was at work did not have to be ended by hand.
    if (second !== null) expect((await second.ending()).status).not.toBe('TERMINATED');
    expect(gate?.blockedBy.map(({ code }) => code)).toEqual(['PRIMARY_LOST']);
    expect(findings.map(({ code }) => code)).not.toContain('NO_EVIDENCE');
    const decision = { decision: 'approve', by: 'alice', accept: ['PRIMARY_LOST'] };
    expect(await run.decide(...json(decision))).toMatchObject({ stands: true });
    expect(await completed(run)).toMatchObject({ outcome: 'handed-off' });

    // The application goes on, on the standby.
    const inserted = await query<{ first: string; count: string }>(
      pair.standbyUrl,
      `WITH inserted AS (INSERT INTO orders (note) SELECT 'y' FROM generate_series(1, 20000) RETURNING id)
       SELECT min(id)::text AS first, count(*)::text AS count FROM inserted`,
    );
    const [{ first, count } = { first: '0', count: '0' }] = inserted;
    expect(count).toBe('20000');
    const confirmed = writers.reduce((most, { confirmed: one }) => (one > most ? one : most), 0n);
    expect(BigInt(first) > confirmed).toBe(true);
    const [{ arrived } = { arrived: '0' }] = await query<{ arrived: string }>(
      pair.standbyUrl,
      `SELECT count(*)::text AS arrived FROM orders WHERE note = 'x'`,
    );
    await query(pair.standbyUrl, `ALTER SUBSCRIPTION ${pair.name} DISABLE`).catch(() => undefined);
    await primary.start();
    const [{ last } = { last: '0' }] = await query<{ last: string }>(
      pair.primaryUrl,
      'SELECT last_value::text AS last FROM orders_id_seq',
    );
    expect(BigInt(first) > BigInt(last)).toBe(true);
    const { rows } = await run.sequences();
    console.info(
      ['seed', seed, 'inserted', confirmed, 'arrived', arrived, 'jumped', BigInt(first) - confirmed].join(
        ' ',
      ),
      `by ${rows[0]?.evidence ?? ''}, presumed ${rows[0]?.presumed ?? ''}`,
    );
  },
);

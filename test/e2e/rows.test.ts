import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect } from './faults/query.js';
import { json } from './stage/payloads.js';
import { Stage } from './stage/stage.js';
import { completed } from './stage/workflow-run.js';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.start();
});
afterAll(async () => {
  await stage.stop();
});

/** Both sides have the rows, as replication would have left them. */
async function pairWith(schema: string, rows: string, used: string) {
  const pair = await stage.pair(schema);
  await Promise.all([pair.primary.sql(rows), pair.standby.sql(rows)]);
  await pair.primary.sql(used);
  return pair;
}

it('sets sequences that wrapped around to the primary’s target, and inserts succeed there', async () => {
  const pair = await pairWith(
    `CREATE TABLE events (id serial PRIMARY KEY, note text); ALTER SEQUENCE events_id_seq MINVALUE -2147483648 RESTART -2147483648;
     CREATE SEQUENCE tickets_no_seq MAXVALUE 9999 CYCLE;
     CREATE TABLE tickets (no int PRIMARY KEY DEFAULT nextval('tickets_no_seq'), note text)`,
    `INSERT INTO events (id) SELECT generate_series(-2147483648, -2147483149);
     INSERT INTO events (id) VALUES (1), (2147483646), (2147483647);
     INSERT INTO tickets (no) SELECT generate_series(1, 300); INSERT INTO tickets (no) SELECT generate_series(9900, 9999)`,
    "SELECT setval('events_id_seq', -2147483149), setval('tickets_no_seq', 300)",
  );
  const run = await stage.start({ pair: pair.name, mode: 'sync', buffer: { calls: '10000' } });
  const { findings } = await completed(run);
  expect(findings.filter(({ code }) => code === 'ROWS_AHEAD').map(({ sequence }) => sequence)).toEqual([
    'public.events_id_seq',
    'public.tickets_no_seq',
  ]);
  const inserted = (table: string, column: string) =>
    pair.standby.sql(`INSERT INTO ${table} (note) VALUES ('x') RETURNING ${column}::text AS id`);
  expect(await inserted('events', 'id')).toEqual([{ id: '-2147473148' }]);
  expect(await inserted('tickets', 'no')).toEqual([{ id: '5150' }]);
});

it('never lowers a sequence that wrapped around only on the primary, and the remedy solves it', async () => {
  const pair = await pairWith(
    'CREATE TABLE events (id serial PRIMARY KEY, note text)',
    'INSERT INTO events (id) VALUES (-2147483149), (1), (2), (2147483646), (2147483647)',
    `ALTER SEQUENCE events_id_seq MINVALUE -2147483648; SELECT setval('events_id_seq', -2147483149)`,
  );
  const run = await stage.start({ pair: pair.name });
  const { findings } = await run.atGate();
  const block = findings.find(({ code }) => code === 'OUTLIER_DATA');
  expect(await pair.standby.position('events_id_seq')).toEqual(['1', false]);
  const [, statement = ''] = /^on the standby: ([^;]+;)/u.exec(block?.remedy ?? '') ?? [];
  await pair.standby.sql(statement);
  await run.signal('resynchronize', ...json({ by: 'alice' }));
  await run.until('the gate is open', ({ gate }) => gate?.state === 'open');
  await run.signal('approve', ...json({ by: 'alice' }));
  await completed(run);
  expect(await pair.standby.sql("INSERT INTO events (note) VALUES ('x') RETURNING id")).toEqual([
    { id: -2147473148 },
  ]);
});

describe('ids that are not what the sequence hands out', () => {
  /** Hibernate's hi/lo: fifty ids for each value. */
  const hiLo = (...tables: string[]) =>
    pairWith(
      tables.map((table) => `CREATE TABLE ${table} (id serial PRIMARY KEY)`).join(';'),
      tables.map((table) => `INSERT INTO ${table} VALUES (45000001), (45000049)`).join(';'),
      tables.map((table) => `SELECT setval('${table}_id_seq', 900000)`).join(';'),
    );

  it('block until an approver decides about the rows of each sequence', async () => {
    const pair = await hiLo('a', 'b', 'c');
    const run = await stage.start({ pair: pair.name, approval: { recheckEvery: '1 second' } });
    const { gate, findings } = await run.atGate();
    expect(gate).toMatchObject({
      state: 'blocked',
      blockedBy: ['a', 'b', 'c'].map((name) => ({ code: 'OUTLIER_DATA', sequence: `public.${name}_id_seq` })),
    });
    const [block] = findings;
    expect(block?.remedy).toMatch(
      /^approve with {"ignoreRows": \["public\.a_id_seq"\]} to set it to 910001, .*; with {"raisePastRows": \["public\.a_id_seq"\]} to move it past them, to 45000050; with {"accept": \["public\.a_id_seq"\]} to leave it/,
    );
    expect(await pair.standby.position('a_id_seq')).toEqual(['1', false]);
    const decision = {
      decision: 'approve',
      by: 'alice',
      ignoreRows: ['public.a_id_seq'],
      raisePastRows: ['public.b_id_seq'],
    };
    expect(await run.decide(...json(decision))).toMatchObject({
      stands: false,
      error: expect.stringMatching(/blocked by OUTLIER_DATA on public\.c_id_seq/) as string,
    });
    expect(await run.decide(...json({ ...decision, accept: ['public.c_id_seq'] }))).toMatchObject({
      stands: true,
    });
    const result = await completed(run);
    expect(await pair.standby.positions()).toEqual({
      'public.a_id_seq': ['910000', true],
      'public.b_id_seq': ['45000049', true],
      'public.c_id_seq': ['1', false],
    });
    expect(result).toMatchObject({
      outcome: 'handed-off',
      gate: {
        approvals: [{ by: 'alice', ignoreRows: ['public.a_id_seq'], raisePastRows: ['public.b_id_seq'] }],
        decidedRows: [
          { sequence: 'public.a_id_seq', rows: 'ignore', by: 'alice' },
          { sequence: 'public.b_id_seq', rows: 'raise', by: 'alice' },
        ],
      },
    });
    expect(
      result.findings.flatMap(({ code, sequence }) => (code === 'NO_SUBSCRIPTION' ? [] : [[code, sequence]])),
    ).toEqual([
      ['OUTLIER_DATA', 'public.c_id_seq'],
      ['ROWS_DECIDED', 'public.a_id_seq'],
      ['ROWS_DECIDED', 'public.b_id_seq'],
    ]);
    const { rows } = await run.sequences();
    expect(rows.map(({ outcome, reason }) => [outcome, reason])).toEqual([
      ['applied', 'rows up to 45000049 ignored, as alice decided'],
      ['applied', 'moved past rows up to 45000049, as alice decided'],
      ['failed', expect.stringContaining('it was not set') as string],
    ]);
    const recorded = await pair.standby.sql<{ sequence: string; reason: string }>(
      `SELECT sequence, reason FROM sequence_failover.sequences WHERE outcome = 'applied' ORDER BY sequence`,
    );
    expect(recorded.map(({ reason }) => reason)).toEqual(rows.slice(0, 2).map(({ reason }) => reason));
  });

  it('are decided by a resynchronization before the approval, and the decision holds at every recheck', async () => {
    const pair = await hiLo('a');
    const run = await stage.start({ pair: pair.name, approval: { recheckEvery: '1 second' } });
    await run.atGate();
    await run.signal('resynchronize', ...json({ by: 'bob', ignoreRows: ['public.a_id_seq'] }));
    await run.until('the gate is open', ({ gate }) => gate?.state === 'open');
    expect(await pair.standby.position('a_id_seq')).toEqual(['910000', true]);
    // Consumed meanwhile: topped up by the same choice.
    await pair.primary.sql("SELECT setval('a_id_seq', 908000)");
    await run.until('it is topped up', async () => (await pair.standby.position('a_id_seq'))[0] === '918000');
    const { findings, gate } = await run.status();
    expect(gate?.state).toBe('open');
    expect(findings.map(({ code }) => code).sort()).toEqual(
      expect.arrayContaining(['NO_SUBSCRIPTION', 'ROWS_DECIDED']),
    );
    await run.signal('approve', ...json({ by: 'alice' }));
    expect(await completed(run)).toMatchObject({ outcome: 'handed-off' });
    expect(await pair.standby.nextval('public.a_id_seq')).toBe('918001');
  });

  it('are decided by patterns in the input', async () => {
    const pair = await hiLo('a', 'b');
    const refused = await stage.start({ pair: pair.name, mode: 'sync' });
    expect(await refused.ending()).toMatchObject({ status: 'FAILED', type: 'NotAhead' });
    const overrides = [
      { match: 'public.*', rows: 'raise' },
      { match: '*.a_id_seq', rows: 'ignore' },
      { match: '*.a_id_seq', buffer: { calls: '500' } },
    ];
    await completed(await stage.start({ pair: pair.name, mode: 'sync', overrides }));
    const verify = await stage.start({ pair: pair.name, mode: 'verify', overrides });
    expect(await completed(verify)).toMatchObject({ outcome: 'verified' });
    expect(await pair.standby.positions()).toEqual({
      'public.a_id_seq': ['900500', true],
      'public.b_id_seq': ['45000049', true],
    });
  });
});

it('keeps the phase of a standby that has its own phase', async () => {
  const pair = await stage.pair('CREATE SEQUENCE regions INCREMENT 100');
  await pair.primary.sql("SELECT setval('regions', 1001)");
  await pair.standby.sql('ALTER SEQUENCE regions START 2 RESTART');
  const run = await stage.start({ pair: pair.name, mode: 'sync', buffer: { calls: '100' } });
  const { findings } = await completed(run);
  expect(findings.map(({ severity, code }) => [severity, code])).toContainEqual(['info', 'OWN_PHASE']);
  expect(await pair.standby.nextval('public.regions')).toBe('11102');
});

/** The gate is open, and the approval is sent. */
async function approvedRun(pair: string, input: object = {}) {
  const run = await stage.start({ pair, ...input });
  await run.until('the gate is open', ({ gate }) => gate?.state === 'open');
  return { run, approve: () => run.signal('approve', ...json({ by: 'alice' })) };
}

it.each([
  { side: 'standby', changes: 'RESTART', next: 11_001, meaning: 'which may set a sequence back' },
  { side: 'primary', changes: 'RESTART 60001', next: 70_001, meaning: 'which hides how far a sequence is' },
] as const)(
  'hands nothing off while a transaction on the $side has an open ALTER SEQUENCE, $meaning',
  async ({ side, changes, next }) => {
    const pair = await pairWith(
      'CREATE TABLE orders (id serial PRIMARY KEY, note text); CREATE SEQUENCE excluded',
      'INSERT INTO orders (id) SELECT generate_series(1, 1000)',
      "SELECT setval('orders_id_seq', 1000)",
    );
    const recheckOften = { approval: { recheckEvery: '1 second' } };
    const { run, approve } = await approvedRun(pair.name, { exclude: ['public.excluded'], ...recheckOften });
    const session = await connect(side === 'standby' ? pair.standbyUrl : pair.primaryUrl);
    await session.query(`BEGIN; ALTER SEQUENCE orders_id_seq ${changes}; ALTER SEQUENCE excluded RESTART`);
    await approve();
    const { gate, findings } = await run.until(
      'the approval is refused',
      ({ gate: seen }) => seen?.state === 'blocked',
    );
    expect(gate?.blockedBy).toMatchObject([{ code: 'READ_FAILED', sequence: 'public.orders_id_seq' }]);
    const { rows } = await session.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    expect(findings.find(({ code }) => code === 'READ_FAILED')?.message).toBe(
      `public.orders_id_seq is locked by process ${String(rows[0]?.pid)} (ShareRowExclusiveLock) on the ${side}: when that transaction commits, the sequence may have another next value`,
    );
    // The block stays while the transaction is open: otherwise everybody would approve again and again.
    const { verifiedAt } = await run.status();
    const later = await run.until(
      'two more rechecks',
      (status) => Date.parse(status.verifiedAt ?? '') - Date.parse(verifiedAt ?? '') > 2_000,
    );
    expect(later.gate).toMatchObject({ state: 'blocked', blockedBy: gate?.blockedBy });
    await session.query('COMMIT');
    await run.until('the gate is open', ({ gate: seen }) => seen?.state === 'open');
    await approve();
    await completed(run);
    expect(await pair.standby.sql("INSERT INTO orders (note) VALUES ('x') RETURNING id")).toEqual([
      { id: next },
    ]);
  },
);

it('ignores no row that the sequence would soon repeat, whenever it came', async () => {
  const pair = await pairWith(
    'CREATE TABLE orders (id bigserial PRIMARY KEY, note text)',
    'INSERT INTO orders (id) VALUES (45000001), (45000049)',
    "SELECT setval('orders_id_seq', 900000)",
  );
  const ignore = { overrides: [{ match: 'public.orders_id_seq', rows: 'ignore' }] };
  const { run, approve } = await approvedRun(pair.name, ignore);
  await pair.standby.sql('INSERT INTO orders (id) SELECT generate_series(910005, 910020)');
  await approve();
  const { findings } = await run.until('the approval is refused', ({ gate }) => gate?.state === 'blocked');
  const block = findings.find(({ code }) => code === 'OUTLIER_DATA');
  expect(block?.message).toContain('would reach the row 910005 after 4 calls');
  await pair.standby.sql('DELETE FROM orders WHERE id BETWEEN 910005 AND 910020');
  await run.signal('resynchronize', ...json({ by: 'alice' }));
  await run.until('the gate is open', ({ gate }) => gate?.state === 'open');
  await approve();
  await completed(run);
  expect(await pair.standby.sql("INSERT INTO orders (note) VALUES ('x') RETURNING id")).toEqual([
    { id: '910001' },
  ]);
});

it('finds a table that left the replication while the run waited', async () => {
  const pair = await stage.pair('CREATE TABLE orders (id serial PRIMARY KEY, note text)');
  await pair.subscribe();
  const { run, approve } = await approvedRun(pair.name);
  const [publication] = await pair.primary.sql<{ name: string }>(
    'SELECT quote_ident(pubname) AS name FROM pg_publication',
  );
  await pair.primary.sql(`ALTER PUBLICATION ${publication?.name ?? ''} SET (publish = 'update')`);
  await pair.primary.sql("INSERT INTO orders (note) VALUES ('not replicated')");
  await approve();
  const { gate } = await run.until('the approval is refused', ({ gate: seen }) => seen?.state === 'blocked');
  expect(gate?.blockedBy).toMatchObject([{ code: 'PARTLY_PUBLISHED', sequence: null }]);
  await run.signal('approve', ...json({ by: 'alice', accept: ['PARTLY_PUBLISHED'] }));
  await completed(run);
});

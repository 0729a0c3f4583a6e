import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SequenceRow } from '../../src/contract/status.js';
import { json } from './stage/payloads.js';
import { LIMITED_ROLE, Stage } from './stage/stage.js';
import { completed, failed, type WorkflowRun } from './stage/workflow-run.js';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.start({ variants: ['limited'] });
});
afterAll(async () => {
  await stage.stop();
});

/** Of every row: what became of it, and why. */
async function outcomes(run: WorkflowRun): Promise<Record<string, [SequenceRow['outcome'], string | null]>> {
  const { rows } = await run.sequences({});
  return Object.fromEntries(rows.map(({ sequence, outcome, reason }) => [sequence, [outcome, reason]]));
}

describe('sequences of one side only', () => {
  it('that the standby lacks block, and those of the standby alone are skipped with a line each', async () => {
    const pair = await stage.pair('CREATE SEQUENCE common');
    await pair.primary.sql('CREATE SCHEMA "Sales"; CREATE SEQUENCE "Sales"."Order Ids" INCREMENT 2 CACHE 3');
    await pair.standby.sql('CREATE SEQUENCE extra');
    const run = await stage.start({ pair: pair.name, mode: 'sync' });
    const failure = await failed(run);
    expect(failure).toMatchObject({
      type: 'NotAhead',
      message: expect.stringMatching(
        /^MISSING_ON_STANDBY: "Sales"\."Order Ids" exists on the primary but not on the standby/,
      ) as string,
      details: { counts: { total: 3, applied: 1, kept: 0, skipped: 1, failed: 1 } },
    });
    expect(await outcomes(run)).toEqual({
      '"Sales"."Order Ids"': ['failed', '"Sales"."Order Ids" exists on the primary but not on the standby'],
      'public.common': ['applied', null],
      'public.extra': ['skipped', 'only on the standby'],
    });
    expect(await pair.standby.positions()).toEqual({
      'public.common': ['10000', true],
      'public.extra': ['1', false],
    });

    // The remedy is right: run as it is written, it heals.
    const finding = failure.details.findings.find(({ code }) => code === 'MISSING_ON_STANDBY');
    const create = /CREATE SEQUENCE [^;]+;/.exec(finding?.remedy ?? '')?.[0];
    await pair.standby.sql(`CREATE SCHEMA "Sales"; ${String(create)}`);
    expect(await completed(await stage.start({ pair: pair.name, mode: 'sync' }))).toMatchObject({
      counts: { total: 3, applied: 1, kept: 1, skipped: 1, failed: 0 },
    });
    expect(await pair.standby.position('"Sales"."Order Ids"')).toEqual(['19999', true]);
  });

  it('of the standby alone that feed a replicated table block', async () => {
    const pair = await stage.pair('CREATE TABLE orders (id bigint PRIMARY KEY)');
    await pair.subscribe();
    await pair.standby.sql(
      "CREATE SEQUENCE own; ALTER TABLE orders ALTER COLUMN id SET DEFAULT nextval('own')",
    );
    const run = await stage.start({ pair: pair.name, mode: 'verify' });
    expect(await failed(run)).toMatchObject({
      type: 'NotAhead',
      details: { findings: [{ severity: 'block', code: 'STANDBY_ONLY_FEEDS', sequence: 'public.own' }] },
    });
  });
});

it('members of an extension are skipped, unless their table is replicated', async () => {
  const pair = await stage.pair(`
    CREATE SEQUENCE member; ALTER EXTENSION plpgsql ADD SEQUENCE member;
    CREATE TABLE orders (id bigserial PRIMARY KEY); ALTER EXTENSION plpgsql ADD SEQUENCE orders_id_seq`);
  await pair.subscribe();
  const run = await stage.start({ pair: pair.name, mode: 'sync' });
  await completed(run);
  expect(await outcomes(run)).toEqual({
    'public.member': ['skipped', 'member of the extension plpgsql, whose table is not subscribed'],
    'public.orders_id_seq': ['applied', null],
  });
});

it('a role without privileges blocks only the sequences that it may not use, and the remedy has the GRANT', async () => {
  const pair = await stage.pair(`
    CREATE SEQUENCE all_granted; CREATE SEQUENCE unread; CREATE SEQUENCE unset;
    CREATE SCHEMA closed; CREATE SEQUENCE closed.behind`);
  const role = `"${LIMITED_ROLE}"`;
  await pair.primary.sql(`GRANT SELECT ON SEQUENCE all_granted, unset, closed.behind TO ${role}`);
  await pair.standby.sql(`
    GRANT SELECT, UPDATE ON SEQUENCE all_granted, unread, closed.behind TO ${role}; GRANT SELECT ON SEQUENCE unset TO ${role}`);
  const run = await stage.start({ pair: `${pair.name}-limited`, mode: 'sync' });
  const { type, details } = await failed(run);
  expect({ type, counts: details.counts }).toEqual({
    type: 'NotAhead',
    counts: { total: 4, applied: 1, kept: 0, skipped: 0, failed: 3 },
  });
  expect(details.findings.map(({ severity, code, sequence }) => [severity, code, sequence])).toEqual([
    // One for each side, so that both are mended in one round.
    ['block', 'NO_READ_PRIVILEGE', 'closed.behind'],
    ['block', 'NO_READ_PRIVILEGE', 'closed.behind'],
    ['block', 'NO_READ_PRIVILEGE', 'public.unread'],
    ['block', 'NO_UPDATE_PRIVILEGE', 'public.unset'],
    ['warn', 'LEDGER_UNAVAILABLE', null],
    ['warn', 'NO_SUBSCRIPTION', null],
  ]);
  const remedies = details.findings.map(({ remedy }) => remedy);
  const closed = remedies.slice(0, 2).sort();
  for (const [index, side] of ['primary', 'standby'].entries()) {
    expect(closed[index]).toContain(`on the ${side}`);
    expect(closed[index]).toContain(`GRANT USAGE ON SCHEMA closed TO ${role};`);
  }
  expect(remedies[2]).toContain(`GRANT SELECT ON SEQUENCE public.unread TO ${role};`);
  expect(remedies[3]).toContain(`GRANT UPDATE ON SEQUENCE public.unset TO ${role};`);
  expect(await pair.standby.positions()).toEqual({
    'closed.behind': ['1', false],
    'public.all_granted': ['10000', true],
    'public.unread': ['1', false],
    'public.unset': ['1', false],
  });
});

describe('patterns', () => {
  const schema = `
    CREATE SCHEMA audit; CREATE SCHEMA "Odd.Schema";
    CREATE SEQUENCE orders_id_seq; CREATE SEQUENCE invoices_id_seq; CREATE SEQUENCE audit.log_id_seq;
    CREATE SEQUENCE "Odd.Schema"."a*b"; CREATE SEQUENCE "Odd.Schema"."a+b"`;

  it('include, exclude and override what they name, and nothing else', async () => {
    const pair = await stage.pair(schema);
    const run = await stage.start({
      pair: pair.name,
      mode: 'sync',
      buffer: { preset: 'low' },
      include: ['public.*', 'audit.*', 'Odd.Schema.a\\*b'],
      exclude: ['audit.*', '*.invoices?id?seq'],
      overrides: [
        { match: '*', buffer: { calls: '500' } },
        {
          match: 'public.orders_id_seq',
          buffer: { peakInsertsPerSecond: 50, maxFailoverSeconds: 60, safetyFactor: 1.1 },
        },
      ],
    });
    expect(await completed(run)).toMatchObject({
      counts: { total: 5, applied: 2, kept: 0, skipped: 3, failed: 0 },
    });
    expect(await outcomes(run)).toEqual({
      '"Odd.Schema"."a*b"': ['applied', null],
      '"Odd.Schema"."a+b"': ['skipped', 'not included'],
      'audit.log_id_seq': ['skipped', 'excluded by audit.*'],
      'public.invoices_id_seq': ['skipped', 'excluded by *.invoices?id?seq'],
      'public.orders_id_seq': ['applied', null],
    });
    expect(await pair.standby.positions()).toEqual({
      '"Odd.Schema"."a*b"': ['500', true],
      '"Odd.Schema"."a+b"': ['1', false],
      'audit.log_id_seq': ['1', false],
      'public.invoices_id_seq': ['1', false],
      'public.orders_id_seq': ['3300', true],
    });
  });

  it('that match nothing are named, each of them', async () => {
    const pair = await stage.pair(schema);
    const run = await stage.start({
      pair: pair.name,
      mode: 'sync',
      include: ['public.*', 'Public.orders_id_seq'],
      exclude: ['nowhere.*'],
      overrides: [{ match: 'public.order_id_seq', buffer: { calls: '1' } }],
    });
    const { type, details } = await failed(run);
    const unmatched = details.findings.filter(({ code }) => code === 'PATTERN_UNMATCHED');
    expect({ type, messages: unmatched.map(({ message }) => message) }).toEqual({
      type: 'NotAhead',
      messages: [
        'the pattern "Public.orders_id_seq" of include matches no sequence of either side',
        'the pattern "nowhere.*" of exclude matches no sequence of either side',
        'the pattern "public.order_id_seq" of overrides matches no sequence of either side',
      ],
    });
    // What they do match is moved all the same.
    expect(details.counts).toMatchObject({ applied: 2, skipped: 3 });
  });
});

describe('a database without sequences', () => {
  it.each([
    { mode: 'plan', outcome: 'planned' },
    { mode: 'verify', outcome: 'verified' },
    { mode: 'sync', outcome: 'synchronized' },
  ])('completes in the mode $mode with a total of 0', async ({ mode, outcome }) => {
    const pair = await stage.pair();
    const run = await stage.start({ pair: pair.name, mode });
    expect(await completed(run)).toMatchObject({
      outcome,
      counts: { total: 0, applied: 0, kept: 0, skipped: 0, failed: 0 },
      minimumHeadroom: null,
      ...(mode === 'plan' && { statements: [] }),
    });
    expect(await run.sequences()).toEqual({ rows: [], next: null, pages: [] });
  });

  it('still waits for an approval before it hands off', async () => {
    const pair = await stage.pair();
    const run = await stage.start({ pair: pair.name });
    expect(await run.atGate()).toMatchObject({ gate: { state: 'open', blockedBy: [] } });
    await run.signal('approve', ...json({ by: 'alice' }));
    expect(await completed(run)).toMatchObject({ outcome: 'handed-off', counts: { total: 0 } });
  });

  it('but with a pattern gets the finding that it matches nothing', async () => {
    const pair = await stage.pair();
    const run = await stage.start({ pair: pair.name, mode: 'verify', include: ['public.*'] });
    expect(await failed(run)).toMatchObject({
      type: 'NotAhead',
      message: expect.stringMatching(/^PATTERN_UNMATCHED: /) as string,
      details: { counts: { total: 0 } },
    });
  });
});

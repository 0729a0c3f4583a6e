import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { kinds, onStandby, policy, schema, usedOnPrimary } from './sequence-kinds.js';
import { Stage } from './stage/stage.js';
import { completed, failed } from './stage/workflow-run.js';
import type { Position, StagedDatabase, StagedPair } from './stage/staged-pair.js';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.start();
});
afterAll(async () => {
  await stage.stop();
});

/** A database with a sequence of every kind, before anything is moved. */
async function everyKind(): Promise<StagedPair> {
  const pair = await stage.pair(schema);
  await pair.primary.sql(usedOnPrimary);
  await pair.standby.sql(onStandby);
  return pair;
}

const expectedPositions: Record<string, Position> = Object.fromEntries(
  kinds.map(({ sequence, position }) => [sequence, position]),
);

async function nextValues(database: StagedDatabase): Promise<Record<string, string>> {
  const values: Record<string, string> = {};
  for (const { sequence } of kinds) values[sequence] = await database.nextval(sequence);
  return values;
}

const expectedNext = Object.fromEntries(kinds.map(({ sequence, next }) => [sequence, next]));

it('moves a sequence of every kind exactly where the arithmetic says', async () => {
  const pair = await everyKind();
  const before = await pair.primary.positions();
  const run = await stage.start({ pair: pair.name, mode: 'sync', ...policy });
  expect(await run.ending()).toMatchObject({
    status: 'COMPLETED',
    result: {
      outcome: 'synchronized',
      counts: {
        total: kinds.length,
        applied: kinds.filter(({ outcome }) => outcome === 'applied').length,
        kept: kinds.filter(({ outcome }) => outcome === 'kept').length,
        skipped: 0,
        failed: 0,
      },
    },
  });
  expect(await pair.standby.positions()).toEqual(expectedPositions);
  expect(await pair.primary.positions()).toEqual(before);

  const { rows, next, pages } = await run.sequences();
  expect({ next, pages }).toEqual({ next: null, pages: [] });
  expect(Object.fromEntries(rows.map((row) => [row.sequence, [row.outcome, row.standbyNext]]))).toEqual(
    Object.fromEntries(kinds.map((kind) => [kind.sequence, [kind.outcome, kind.next]])),
  );
  const { findings } = await run.status();
  const codesOf = (sequence: string) =>
    findings.filter((finding) => finding.sequence === sequence).map(({ code }) => code);
  expect(Object.fromEntries(kinds.map(({ sequence }) => [sequence, codesOf(sequence).sort()]))).toEqual(
    Object.fromEntries(kinds.map(({ sequence, findings: codes = [] }) => [sequence, codes])),
  );
  expect(await nextValues(pair.standby)).toEqual(expectedNext);
});

it('finds them behind before, says what would be done, and does nothing', async () => {
  const pair = await everyKind();
  const before = await pair.standby.positions();
  const run = await stage.start({ pair: pair.name, mode: 'verify', ...policy });
  const applied = kinds.filter(({ outcome }) => outcome === 'applied');
  const { type, message, details } = await failed(run);
  expect({ type, counts: details.counts }).toEqual({
    type: 'NotAhead',
    counts: {
      total: kinds.length,
      applied: applied.length,
      kept: kinds.length - applied.length,
      skipped: 0,
      failed: 0,
    },
  });
  expect(message).toMatch(/^NOT_AHEAD: /);
  expect(details.checklist).toEqual([
    { item: 'Verify that all sequences are ahead of the primary', done: false, at: null },
  ]);
  const { rows } = await run.sequences();
  expect(Object.fromEntries(rows.map(({ sequence, outcome }) => [sequence, outcome]))).toEqual(
    Object.fromEntries(kinds.map(({ sequence, outcome }) => [sequence, outcome])),
  );
  expect(await pair.standby.positions()).toEqual(before);
});

it('finds them all ahead afterwards, and has nothing left to do', async () => {
  const pair = await everyKind();
  await completed(await stage.start({ pair: pair.name, mode: 'sync', ...policy }));
  const verify = await stage.start({ pair: pair.name, mode: 'verify', ...policy });
  expect(await verify.ending()).toMatchObject({ status: 'COMPLETED', result: { outcome: 'verified' } });
  const again = await stage.start({ pair: pair.name, mode: 'sync', ...policy });
  expect(await again.ending()).toMatchObject({
    status: 'COMPLETED',
    result: { counts: { applied: 0, kept: kinds.length, skipped: 0, failed: 0 } },
  });
  expect(await pair.standby.positions()).toEqual(expectedPositions);
});

/** What a person does with the statements of a plan. */
const clients = {
  'any client': async (statements: string[], { standby }: StagedPair) => {
    for (const statement of statements) await standby.sql(statement);
  },
  psql: async (statements: string[], { standbyUrl }: StagedPair) => {
    const run = promisify(execFile)('psql', ['-X', '-v', 'ON_ERROR_STOP=1', '-f', '-', standbyUrl]);
    run.child.stdin?.end(statements.join('\n'));
    await run;
  },
};

/** The packaged PostgreSQL has no psql. */
const hasPsql = await promisify(execFile)('psql', ['--version']).then(
  () => true,
  () => false,
);

describe.each([{ client: 'any client' }, { client: 'psql' }] as const)(
  'the statements of a plan, run by $client',
  ({ client }) => {
    it.skipIf(client === 'psql' && !hasPsql)(
      'do the same as a run, and lower nothing when run hours later',
      async () => {
        const pair = await everyKind();
        const before = await pair.standby.positions();
        const run = await stage.start({ pair: pair.name, mode: 'plan', ...policy });
        const { statements = [], outcome } = await completed(run);
        expect({ outcome, statements: statements.length }).toEqual({
          outcome: 'planned',
          statements: kinds.filter((kind) => kind.outcome === 'applied').length,
        });
        expect(await run.query('statements')).toEqual(statements);
        expect(await pair.standby.positions()).toEqual(before);

        await clients[client](statements, pair);
        expect(await pair.standby.positions()).toEqual(expectedPositions);

        // The standby has been promoted and has gone on by itself.
        expect(await nextValues(pair.standby)).toEqual(expectedNext);
        const promoted = await pair.standby.positions();
        await clients[client](statements, pair);
        expect(await pair.standby.positions()).toEqual(promoted);
      },
    );
  },
);

it('stops at sequences that have no value left, and moves the others', async () => {
  const pair = await stage.pair(`
    CREATE SEQUENCE at_the_top; CREATE SEQUENCE at_the_bottom INCREMENT -1 MINVALUE -9223372036854775808;
    CREATE SEQUENCE small_full AS smallint; CREATE SEQUENCE fine`);
  await pair.primary.sql(`
    SELECT setval('at_the_top', 9223372036854775807), setval('at_the_bottom', -9223372036854775808),
      setval('small_full', 32767), setval('fine', 5)`);
  const run = await stage.start({ pair: pair.name, mode: 'sync' });
  const ending = await run.ending();
  expect(ending).toMatchObject({
    status: 'FAILED',
    type: 'NotAhead',
    details: { counts: { total: 4, applied: 1, kept: 0, skipped: 0, failed: 3 } },
  });
  const { rows } = await run.sequences({});
  expect(rows.map(({ sequence, outcome, primaryNext }) => [sequence, outcome, primaryNext])).toEqual([
    ['public.at_the_bottom', 'failed', '-9223372036854775809'],
    ['public.at_the_top', 'failed', '9223372036854775808'],
    ['public.fine', 'applied', '6'],
    ['public.small_full', 'failed', '32768'],
  ]);
  expect(await pair.standby.positions()).toEqual({
    'public.at_the_bottom': ['-1', false],
    'public.at_the_top': ['1', false],
    'public.fine': ['10005', true],
    'public.small_full': ['1', false],
  });
});

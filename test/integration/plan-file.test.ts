import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { planFile } from '../../src/cli/plan-file.js';
import type { Finding, SequenceRow } from '../../src/contract/status.js';
import { startPair, type PostgresPair } from '../../src/local/postgres-pair.js';
import { guardedSetval } from '../../src/sequences/statement.js';

/** The packaged PostgreSQL has no psql. */
const hasPsql = await promisify(execFile)('psql', ['--version']).then(
  () => true,
  () => false,
);

const row = (sequence: string, more: Partial<SequenceRow>): SequenceRow => ({
  ...{ sequence, primaryNext: '10', standbyBefore: '1', target: '20000', standbyNext: '1', buffer: '10000' },
  ...{ outcome: 'applied', reason: null },
  ...more,
});

const hostile = 'public."a\'; SELECT 1/0; --\\ `id`\n"';
const statement = (sequence: string) =>
  guardedSetval({ sequence, increment: 1n, target: 20_000n, value: 19_999n, called: true });

describe.skipIf(!hasPsql)('the file of a plan (needs psql on the PATH)', () => {
  let servers: PostgresPair;
  beforeAll(async () => {
    servers = await startPair();
  });
  afterAll(async () => {
    await servers.stop();
  });

  it('prints in psql what each statement did, and what is left out and why, whatever the names', async () => {
    const client = new pg.Client(servers.standby.url());
    await client.connect();
    onTestFinished(() => client.end());
    await client.query(
      `CREATE SEQUENCE orders; CREATE SEQUENCE ahead START 50000; CREATE SEQUENCE ${hostile}`,
    );
    const rows = [
      row(hostile, {}),
      row('public.ahead', {}),
      row('public.kept', {
        outcome: 'kept',
        standbyBefore: '30000',
        reason: 'at or beyond its target already',
      }),
      row('public.missing', { outcome: 'failed', reason: `it's missing: ${hostile}`, target: null }),
      row('public.orders', {}),
    ];
    const statements = [hostile, 'public.ahead', 'public.orders'].map(statement);
    const block: Finding = {
      ...{ severity: 'block', code: 'MISSING_ON_STANDBY', sequence: 'public.missing', count: 1 },
      ...{ message: 'it is missing\n\\! id', remedy: 'on the standby: CREATE SEQUENCE public.missing;' },
    };
    const status = {
      ...{ pair: 'shop\n\\! id', primaryReadAt: '2027-01-01T00:00:00.000Z', standby: null },
      findings: [block, { ...block, severity: 'warn' as const, code: 'CYCLES' as const, message: 'cycles' }],
    };
    const lines = planFile('plan-shop', status, { rows, statements });
    expect(lines.slice(0, 7).join('\n')).toContain(
      `3 sequences are moved, 2 are left out (1 cannot be set, 1 ahead already):\n--   public.missing: cannot be set, it's missing`,
    );

    expect(lines.filter((line) => /missing\\n|CREATE|cycles|Blocks|→/u.test(line))).toEqual([
      '-- Blocks when the plan was made, each with its remedy:',
      '--   MISSING_ON_STANDBY: it is missing\\n\\! id',
      '--     → on the standby:',
      '--         CREATE SEQUENCE public.missing;',
    ]);

    const run = async (...options: string[]) => {
      const args = ['--no-psqlrc', '--file', '-', servers.standby.url(), ...options];
      // As an earlier promotion leaves the old primary, which is now the standby.
      const env = { ...process.env, PGOPTIONS: '-c default_transaction_read_only=on' };
      const psql = promisify(execFile)('psql', args, { env });
      psql.child.stdin?.end(`${lines.join('\n')}\n`);
      return psql;
    };
    const first = await run();
    expect(first.stderr).toBe('');
    const shown = hostile.replace('\n', '\\n');
    expect(first.stdout.trimEnd().split('\n')).toEqual([
      `${shown}: moved, its next value is 20000 (setval 19999)`,
      'public.ahead: not moved: it is at or beyond 20000 already, or has another increment now',
      'public.orders: moved, its next value is 20000 (setval 19999)',
      'left out: 2 sequences',
      `left out: public.missing: cannot be set, it's missing: ${shown}`,
      'left out: public.kept: ahead already with the next value 30000, at or beyond its target already',
    ]);
    await client.query('ALTER SEQUENCE orders RESTART WITH 1');
    const inOneTransaction = await run('--single-transaction');
    expect(inOneTransaction.stderr).toBe('');
    expect(inOneTransaction.stdout).toContain('public.orders: moved, its next value is 20000');
    await client.query('DROP SEQUENCE ahead');
    const again = await run();
    expect(again.stderr).toMatch(/ERROR: .*public.ahead/u);
    expect(again.stdout.match(/: not moved/gu)).toHaveLength(2);
    const {
      rows: [next],
    } = await client.query<{ next: string }>("SELECT nextval('orders') AS next");
    expect(next).toEqual({ next: '20000' });
  });
});

import { execFile, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { blocksOf, pageNames, root } from '../pages/page.js';
import { PageRun } from './pages/page-run.js';
import { PagesStage, type PagesPair } from './pages/pages-stage.js';
import { completed, WorkflowRun } from './stage/workflow-run.js';

/** The packaged PostgreSQL has no psql. */
const hasPsql = await promisify(execFile)('psql', ['--version']).then(
  () => true,
  () => false,
);

const schema = readFileSync(path.join(root, 'docs/tutorial/shop.sql'), 'utf8');
const rows = readFileSync(path.join(root, 'docs/tutorial/shop-data.sql'), 'utf8');

describe.skipIf(!hasPsql)('the commands of the pages, as they are printed (needs psql on the PATH)', () => {
  let stage: PagesStage;
  /** Of the tutorial, and of the pages that go on from there. */
  let shop: PagesPair;
  let orders: PagesPair;
  beforeAll(async () => {
    stage = await PagesStage.start({ default: 'shop', orders: 'orders' });
    [shop, orders] = await Promise.all([stage.pair('shop', ''), stage.pair('orders', schema)]);
    await orders.onPrimary(rows);
    await orders.subscribe();
  });
  afterAll(async () => {
    await stage.stop();
  });

  /** In a shell whose variables name the servers of this pair. */
  const open = (page: string, pair: PagesPair) => {
    const shell = stage.shell({ PRIMARY_URL: pair.primaryUrl, STANDBY_URL: pair.standbyUrl });
    return {
      shell,
      page: new PageRun(page, shell, {
        'temporal:7233': stage.address,
        'docs/tutorial/': path.join(root, 'docs/tutorial/'),
      }),
    };
  };
  const run = (workflowId: string) => new WorkflowRun(stage.cli, workflowId);
  const yes = { '--by alice': '--by alice --yes' };

  it('docs/reference/search-attributes.md, and the pages of the commands', async () => {
    const attributes = open('docs/reference/search-attributes.md', orders).page;
    await attributes.run('search-attribute create');
    await attributes.run('workflow list');
    attributes.expectAllRun();

    const shell = stage.shell({ PRIMARY_URL: orders.primaryUrl, STANDBY_URL: orders.standbyUrl });
    const pageOf = (name: string) => new PageRun(`docs/reference/commands/${name}.md`, shell);
    const example = async (name: string, code = 0) => {
      const page = pageOf(name);
      const ran = await page.run(`sequence-failover ${name}`, { code });
      page.expectAllRun();
      return ran;
    };
    // docs/reference/commands/doctor.md and so on
    await example('doctor');
    await example('setup');
    await stage.cli.attempt('schedule', 'delete', '--schedule-id', 'watch-orders');
    for (const name of ['check', 'plan', 'start', 'status']) await example(name);
    const list = pageOf('list');
    await list.runUntilSame('$ sequence-failover list');
    await list.run('--closed');
    list.expectAllRun();
    for (const name of ['resynchronize', 'approve', 'watch']) await example(name);
    await example('export');
    expect((await example('report')).stdout).toContain('is the report of failover-orders');
    await shell.run('sequence-failover start --pair orders');
    await example('reject', 3);
    await example('promote');
    await example('completion');
  });

  it('docs/tutorial/first-failover.md', async () => {
    const { page } = open('docs/tutorial/first-failover.md', shop);
    await page.run('shop-data.sql');
    await page.run('CREATE PUBLICATION');
    await page.runUntilSame('srsubstate');
    await page.run('INSERT INTO orders', { code: 1 });
    await page.run('"mode": "plan"');
    await page.run('statements');
    await page.run('workflow start');
    await run('failover-1').atGate();
    await page.run('workflow query');
    await page.run('generate_series(1, 3)');
    await page.run('decide');
    await page.run('workflow result');
    await page.run('RETURNING id');
    await page.run('sequence_failover.sequences');
    await page.run('CREATE SEQUENCE voucher_number');
    await page.run('sequence-failover start', { code: 2 });
    await page.run('sequence-failover resynchronize');
    await page.run('sequence-failover reject', { code: 3 });
    await page.run('DROP SEQUENCE voucher_number');
    page.expectAllRun();
  });

  it('docs/how-to/read-the-record.md, with the runs of docs/reference/messages.md and failures.md', async () => {
    const { page, shell } = open('docs/how-to/read-the-record.md', shop);
    const messages = open('docs/reference/messages.md', shop).page;
    const failures = open('docs/reference/failures.md', shop).page;
    const send = (kind: string, input: object) => [
      ...['--workflow-id', 'failover-2', '--name', kind, '--input', JSON.stringify(input)],
    ];
    await shop.onPrimary('CREATE SEQUENCE ticket_number');
    const input = { buffer: { preset: 'medium' }, ticket: 'CHG-124', approval: { timeout: '2 hours' } };
    await stage.begin('failover-2', input);
    await run('failover-2').atGate();
    await messages.run('"decide"'.slice(1, -1), { code: 1 });
    await messages.run('--name approve', { replace: { 'failover-1': 'failover-2' } });
    await stage.begin('failover-3', {});
    await failures.run('failover-3');
    await shop.onStandby('CREATE SEQUENCE ticket_number');
    await shell.run(
      'temporal workflow signal --workflow-id failover-2 --name resynchronize --input \'{"by": "alice"}\'',
    );
    await run('failover-2').until('the gate opens', ({ gate }) => gate?.state === 'open');
    await stage.cli.attempt('workflow', 'signal', ...send('approve', { by: 'alice', reason: 'CHG-124' }));
    await run('failover-2').ending();
    await stage.begin('failover-4', {});
    await run('failover-4').atGate();
    await run('failover-4').cancel();
    await run('failover-4').ending();

    await page.run('workflow list');
    await page.run('userMetadata');
    await page.run('workflowExecutionSignaledEventAttributes');
    expect((await page.run('jq .result')).stdout).toContain('handed-off');
    await page.run('failover-3');
    expect((await page.run('closeRecord')).stdout).toContain('cancelled');
    expect((await page.sql('LIMIT 10', 'STANDBY_URL')).stdout).toContain('CHG-124');
    expect((await page.sql('public.orders_id_seq', 'STANDBY_URL')).stdout).toContain('CHG-124');
    expect((await page.sql("outcome = 'failed'", 'STANDBY_URL')).stdout).toContain('ticket_number');
    await page.sql('abandoned', 'STANDBY_URL');
    const digests = (await page.run('record_digest')).stdout.split('\n');
    expect(digests[0]).toMatch(/^[0-9a-f-]{36}\|[0-9a-f]{64}$/u);
    expect(digests[1]).toBe(digests[0]);
    const compare = page.take('diff <(');
    expect(await shell.run(compare)).toEqual({ code: 0, stdout: '', stderr: '' });
    const row =
      "UPDATE sequence_failover.sequences SET target = target + 1 WHERE sequence = 'public.orders_id_seq'";
    await shop.onStandby(row);
    expect(await shell.run(compare)).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('public.orders_id_seq') as string,
    });
    await shop.onStandby(row.replace('+ 1', '- 1'));
    page.expectAllRun();

    await messages.run('ignoreRows', { replace: { 'failover-1': 'failover-5' }, code: 1 });
    await messages.run('--type sequences');
    messages.expectAllRun();
    failures.expectAllRun();
  });

  it('docs/how-to/run-a-failover.md and docs/how-to/the-primary-is-gone.md', async () => {
    const { page, shell } = open('docs/how-to/run-a-failover.md', orders);
    const gone = open('docs/how-to/the-primary-is-gone.md', orders).page;
    // One sequence is missing, which the reader mends, and one that the reader accepts.
    await orders.onPrimary('CREATE SEQUENCE tickets; CREATE SEQUENCE audit_id_seq');
    await page.run('export TEMPORAL_ADDRESS');
    const checked = await page.run('doctor', { code: 2 });
    expect(checked.stdout).toMatch(/^Not ready: 2 findings block a failover$/mu);
    expect(checked.stdout).toMatch(/\n\nNext: fix what blocks \(2 findings\), then check again\n$/u);
    expect((await page.run('start --pair orders', { code: 2 })).stdout).toMatch(/^The gate is blocked$/mu);
    expect((await page.run('status failover-orders')).stdout).toContain('CREATE SEQUENCE public.tickets');
    await orders.onStandby('CREATE SEQUENCE tickets');
    const again = await page.run('resynchronize', { code: 2 });
    expect(again.stdout).not.toContain('public.tickets');
    const refused = await shell.run(page.take('approve failover-orders').replace('alice', 'alice --yes'));
    expect(refused.code).not.toBe(0);
    expect(refused.stdout + refused.stderr).toContain('public.audit_id_seq');
    await page.sql('pg_stat_activity', 'PRIMARY_URL');
    const approved = await page.run('--accept public.audit_id_seq', { replace: yes });
    expect(approved.stdout).toMatch(/^Completed: handed-off /mu);
    expect(approved.stdout.replaceAll(/\s+/gu, ' ')).toContain('not on the standby; accepted by alice');
    await page.run('report failover-orders');
    expect(readFileSync(path.join(stage.folder, 'failover-orders.html'), 'utf8')).toContain('CHG-123');

    await shell.run('sequence-failover start --pair orders');
    expect((await page.run('reject', { code: 3 })).stdout).toMatch(/^Failed: Rejected /mu);

    // A sequence of the page is still missing on the standby.
    await page.run('plan --pair orders > plan.sql', { code: 2 });
    expect((await page.run('psql')).stdout).toMatch(/^left out: public\.audit_id_seq: cannot be set/mu);

    await page.run('run=failover-orders-2');
    await page.run('workflow start --type sequenceFailover');
    const second = run('failover-orders-2');
    await second.atGate();
    expect(JSON.parse((await page.run("status | jq '{phase")).stdout)).toMatchObject({ gate: 'blocked' });
    expect((await page.run('.severity == "block"')).stdout).toMatch(/^MISSING_ON_STANDBY .*audit_id_seq$/mu);
    await second.until(
      'it has worked through all once more',
      ({ round, gate }) => round > 1 && gate?.state === 'blocked',
    );
    expect((await page.run('"decision": "approve"', { code: 1 })).stderr).toContain('blocked by');
    await page.run('"accept"', { replace: { ', "PRIMARY_UNREACHABLE"': '' } });
    expect((await page.run('workflow result')).stdout).toContain('handed-off');
    await orders.onPrimary("SELECT setval('orders_id_seq', 300000)");
    await page.run('plan-orders');
    expect(readFileSync(path.join(stage.folder, 'statements.sql'), 'utf8')).toContain('setval');
    await page.run("sed -n 's/^-- //p'");

    await stage.servers.primary.kill();
    try {
      const lost = await gone.run('"primary": "lost"', { code: 2 });
      expect(lost.stdout).toContain('PRIMARY_LOST');
      expect((await gone.run('.evidenceAge')).stdout).toMatch(/^public\.orders_id_seq\t\d+\t.*\tledger\t/mu);
      const accept = { '--by alice': '--by alice --yes --accept public.audit_id_seq' };
      expect((await gone.run('PRIMARY_LOST', { replace: accept })).stdout).toMatch(/^Completed/mu);
    } finally {
      await stage.servers.primary.start();
    }
    await orders.onPrimary('DROP SEQUENCE tickets, audit_id_seq');
    await orders.onStandby('DROP SEQUENCE tickets');
    page.expectAllRun();
    gone.expectAllRun();
  });

  it('the pages that ask one question', async () => {
    const limits = open('docs/how-to/when-a-sequence-runs-out.md', orders).page;
    // The checks of a moment ago found what the last page left.
    await limits.run('check --pair orders');
    for (const url of ['STANDBY_URL', 'PRIMARY_URL']) {
      const page = open('docs/how-to/when-a-sequence-runs-out.md', orders).page;
      await page.sql('AS bigint', url);
    }
    await limits.sql('AS bigint', 'STANDBY_URL');
    await limits.sql('uuid', 'PRIMARY_URL', { replace: { 'uuidv7()': 'gen_random_uuid()' } });
    limits.expectAllRun();

    const format = open('docs/reference/record-format.md', shop).page;
    await format.run('export failover-1');
    const { recordDigest } = await completed(run('failover-1'));
    expect((await format.run('sha256sum')).stdout).toBe(`${recordDigest}  -\n`);
    format.expectAllRun();
    const report = open('docs/reference/report.md', shop).page;
    await report.run('--format html');
    expect((await report.run('sha256sum')).stdout).toMatch(/^[0-9a-f]{64}/u);
    expect((await report.run('--verify')).stdout).toContain('is the report of failover-1');
    report.expectAllRun();

    const input = open('docs/reference/input.md', shop).page;
    await input.run('bad-1');
    input.expectAllRun();
    const environment = open('docs/reference/environment.md', shop).page;
    await environment.run('worker/main.js', {
      replace: { 'dist/src': path.join(root, 'dist/src') },
      code: 78,
    });
    environment.expectAllRun();
    const race = open('docs/explanation/never-lower.md', shop).page;
    await shop.onStandby('CREATE SEQUENCE race');
    await race.sql('SELECT setval', 'STANDBY_URL');
    await race.sql('OFFSET 0', 'STANDBY_URL');
    race.expectAllRun();
    const supabase = open('docs/how-to/supabase.md', shop).page;
    expect((await supabase.sql('pg_sequences', 'STANDBY_URL')).stdout).toContain('public');
    supabase.expectAllRun();
    const remove = open('docs/how-to/remove.md', shop).page;
    await remove.run('workflow list');
    remove.expectAllRun();
  });

  it('README.md', async () => {
    const { page } = open('README.md', shop);
    const replace = { 'npx sequence-failover': 'sequence-failover', ...yes };
    const ran = await page.run('sequence-failover start', { replace });
    expect(ran.stdout).toContain('Ready: nothing stands in the way of a failover');
    expect(ran.stdout).toContain('The gate is open: every sequence is ahead');
    expect(ran.stdout).toContain('Completed: handed-off');
    page.expectAllRun();
  });

  it('docs/how-to/standing-watch.md', async () => {
    const { page } = open('docs/how-to/standing-watch.md', shop);
    await page.run('schedule create');
    expect((await page.run('schedule describe')).stdout).toContain('watch-default');
    await page.run('schedule toggle');
    page.expectAllRun();
  });

  it('docs/how-to/hand-off-to-promotion.md', async () => {
    const { page } = open('docs/how-to/hand-off-to-promotion.md', shop);
    const project = path.join(stage.folder, 'promotion');
    mkdirSync(project);
    symlinkSync(path.join(root, 'node_modules'), path.join(project, 'node_modules'));
    writeFileSync(path.join(project, 'package.json'), '{"type": "module"}');
    writeFileSync(path.join(project, 'workflows.js'), page.take('import { ApplicationFailure'));
    writeFileSync(path.join(project, 'worker.js'), page.take('import { fileURLToPath'));
    await shop.onPrimary('CREATE ROLE shop_app LOGIN');
    onTestFinished(() => shop.onPrimary('DROP ROLE shop_app'));

    const handoff = { workflowType: 'promoteShop', taskQueue: 'promotion', workflowId: 'promote-shop' };
    await stage.begin('failover-4', { handoff, approval: { recheckEvery: '1 second' } });
    const failover = run('failover-4');
    await failover.atGate();
    await page.run('HANDOFF_NO_WORKER');
    const worker = spawn(process.execPath, ['worker.js'], {
      ...{ cwd: project, stdio: 'ignore' },
      env: {
        ...{ PATH: process.env['PATH'], HOME: '/nonexistent', TEMPORAL_ADDRESS: stage.address },
        ...{ PRIMARY_URL: shop.primaryUrl, STANDBY_URL: shop.standbyUrl },
      },
    });
    onTestFinished(() => void worker.kill());
    await failover.until('the promotion worker polls', ({ gate }) => gate?.state === 'open');
    await failover.decide('--input', '{"decision": "approve", "by": "alice"}');
    await failover.ending();
    await run('promote-shop').ending();
    await page.run('handed-off');
    page.expectAllRun();
  });

  it('docs/how-to/after-the-failover.md', async () => {
    const { page } = open('docs/how-to/after-the-failover.md', shop);
    await page.sql('DROP SUBSCRIPTION', 'STANDBY_URL', { replace: { app_sub: 'failover' } });
    page.expectAllRun();
  });

  it('docs/how-to/promote-the-standby.md and docs/how-to/the-way-back.md', async () => {
    const { page, shell } = open('docs/how-to/promote-the-standby.md', orders);
    const back = open('docs/how-to/the-way-back.md', orders).page;
    await orders.onPrimary('CREATE ROLE monitoring');
    // The page about a failover has left a table there that the subscription does not receive, which blocks a promotion.
    await orders.onPrimary('DROP TABLE IF EXISTS new_feature');
    expect((await page.run('"rehearse"')).stdout).toContain('rehearsed');
    await page.run('workflow start');
    await shell.run('sequence-failover approve failover-orders --by alice --yes');
    const promotion = run('promote-orders-CHG-123');
    await page.run('.steps[]');
    expect(await promotion.ending()).toMatchObject({ status: 'COMPLETED' });
    // It comes too late to stop anything.
    await page.run('--name reject', { code: 1 });
    expect((await page.run('sequence-failover status')).stdout).not.toContain('not undone');

    expect((await back.sql('bytes_behind', 'STANDBY_URL')).stdout).toContain('sequence_failover_way_back_');
    await back.run('reversed:orders');
    const returned = await run('back-orders-1').ending();
    expect(returned, JSON.stringify(returned)).toMatchObject({ status: 'COMPLETED' });
    // The sides have changed their roles once more: what the page calls the old primary is the standby again.
    await back.sql('DROP SUBSCRIPTION', 'STANDBY_URL');
    await back.sql('pg_drop_replication_slot', 'PRIMARY_URL');
    await page.sql('RESET default_transaction_read_only', 'STANDBY_URL');
    page.expectAllRun();
    back.expectAllRun();
  });

  it('the temporal command has the options of the commands that are not run', async () => {
    const blocks = pageNames()
      .flatMap(blocksOf)
      .filter(({ notRun, language }) => notRun !== null && language === 'sh');
    const calls = blocks.flatMap(({ page, text }) =>
      [...text.matchAll(/^ *temporal ((?:[a-z][a-z-]* )+)((?:'[^']*'|\\\n|[^\n|;])*)/gmu)].map(
        ([, command = '', options = '']) => ({ page, command: command.trim(), options }),
      ),
    );
    expect(calls.length).toBeGreaterThan(4);
    const everywhere = await promisify(execFile)(stage.cli.program, ['options']);
    for (const { page, command, options } of calls) {
      const help = await promisify(execFile)(stage.cli.program, [...command.split(' '), '--help']);
      const given = options.replaceAll(/'[^']*'/gu, '').match(/(?<=\s|^)--[a-z-]+/gu) ?? [];
      const unknown = given.filter(
        (option) => !new RegExp(`${option}\\b`, 'u').test(help.stdout + everywhere.stdout),
      );
      expect({ page, command, unknown }).toEqual({ page, command, unknown: [] });
    }
  });
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { until } from '../../src/local/until.js';
import { decodePayloads } from './stage/decode-payloads.js';
import { json } from './stage/payloads.js';
import { PASSWORD, Stage } from './stage/stage.js';
import type { StagedDatabase } from './stage/staged-pair.js';
import { startWorker } from './stage/worker-process.js';
import { completed, failed, type WorkflowRun } from './stage/workflow-run.js';

/** Parts of the planted password, each raw or percent-encoded, once or twice, in either case. */
const planted = [/pl(@|%(25)?40)nted/i, /S(:|%(25)?3a)ecret/i, /ecret(\?|%(25)?3f)(%|%(25)?25)/i];
const encoded = encodeURIComponent(PASSWORD);

let stage: Stage;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sequence-failover-no-secrets-'));
  stage = await Stage.start({ variants: ['limited', 'elsewhere'] });
});
afterAll(async () => {
  await stage.stop();
  rmSync(folder, { recursive: true });
});

/** Pairs that cannot be used, each for a reason of its own. */
function brokenPairs(): string {
  const pair = (authority: string) => {
    const url = `postgresql://app:${encoded}@${authority}`;
    return { primary: { url: `${url}/a` }, standby: { url: `${url}/b` } };
  };
  const path = join(folder, 'broken.yaml');
  const pairs = { refused: pair('127.0.0.1:1'), unknown: pair('no-such-host.invalid') };
  writeFileSync(path, JSON.stringify({ pairs }));
  return path;
}

/** All that Temporal has on a run, its payloads decoded. */
async function told(run: WorkflowRun): Promise<string> {
  return decodePayloads([await run.history(), await run.describe()]);
}

/** Every row of the ledger. */
async function ledgerOf(database: StagedDatabase): Promise<string> {
  const tables = await database.sql<{ name: string }>(
    "SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname = 'sequence_failover'",
  );
  let rows = '';
  for (const { name } of tables) rows += JSON.stringify(await database.sql(`TABLE ${name}`));
  return rows;
}

function expectNoSecret(what: string, text: string): void {
  for (const pattern of planted)
    expect(pattern.exec(text)?.[0], `${what} shows the password`).toBeUndefined();
}

it('would be noticed in every spelling', () => {
  for (const spelling of [PASSWORD, encoded, encoded.toLowerCase(), encodeURIComponent(encoded)]) {
    for (const pattern of planted) expect(spelling).toMatch(pattern);
  }
});

it('shows no password in history, status, ledger and log, whether a run succeeds or fails', async () => {
  await stage.restartWorker({ LOG_LEVEL: 'debug' });
  const pair = await stage.pair('CREATE SEQUENCE invoices');
  await pair.subscribe();
  const run = await stage.start({ pair: pair.name });
  expectNoSecret('status', JSON.stringify(await run.atGate()));
  await run.signal('approve', ...json({ by: 'alice' }));
  await completed(run);

  // Logs in, and may not read; keeps its ledger elsewhere; is refused at login.
  const limited = await stage.start({ pair: `${pair.name}-limited`, mode: 'sync' });
  await limited.ending();
  const elsewhere = await stage.start({ pair: `${pair.name}-elsewhere`, mode: 'sync' });
  await completed(elsewhere);
  const wrong = await stage.start({ pair: 'wrong-password', mode: 'sync' });
  expect(await failed(wrong)).toMatchObject({ type: 'NotReady' });

  for (const each of [run, limited, elsewhere, wrong]) {
    const text = await told(each);
    expect(text).toContain('checkReadiness');
    expectNoSecret(each.workflowId, text);
    expectNoSecret(each.workflowId, JSON.stringify(await each.status()));
  }
  const ledgers = (await Promise.all([pair.standby, await stage.elsewhere()].map(ledgerOf))).join('\n');
  expect(ledgers).toContain('public.invoices');
  expectNoSecret('the ledger', ledgers);
  expect(stage.workerLog()).toContain(wrong.workflowId);
  expectNoSecret('the log', stage.workerLog());
});

it('shows no password of servers that cannot be reached, while they are tried', async () => {
  await stage.restartWorker({ LOG_LEVEL: 'debug', PAIRS_FILE: brokenPairs() });
  for (const [name, why] of [
    ['refused', /ECONNREFUSED/],
    ['unknown', /no-such-host/],
  ] as const) {
    const run = await stage.start({ pair: name, mode: 'plan' });
    // What Temporal knows of an attempt that failed, before the step has.
    await until(async () => why.test(await told(run)), { what: `${name} to be tried` });
    expectNoSecret(name, await told(run));
    await run.terminate();
  }
  expect(stage.workerLog()).toContain('the database cannot be reached');
  expectNoSecret('the log', stage.workerLog());
});

it.each([
  ['an address that is none', `postgresql://app:${encoded}@db.example:port/app`],
  ['a password that is not encoded', `postgresql://app:${PASSWORD}@db.example/app`],
  ['an unknown parameter', `postgresql://app:${encoded}@db.example/app?sslmod=require`],
  [
    'a certificate that is missing',
    `postgresql://app:${encoded}@db.example/app?sslmode=verify-full&sslrootcert=/none`,
  ],
  ['no URL at all', PASSWORD],
])('shows no password of a URL with %s', async (_what, url) => {
  const settings = { ...stage.workerSettings, PAIRS_FILE: '', PRIMARY_URL: url, STANDBY_URL: url };
  const refusal = await startWorker(settings).then(
    (worker) => worker.stop().then(() => 'it was taken'),
    (error: unknown) => String(error),
  );
  expect(refusal).toContain('PRIMARY_URL');
  expectNoSecret('the refusal', refusal);
});

import { randomBytes } from 'node:crypto';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { startCodecServer } from '../../src/codec-server/codec-server.js';
import { Secret } from '../../src/config/secret.js';
import { QUERIES } from '../../src/contract/names.js';
import { encryptionCodec } from '../../src/worker/encryption-codec.js';
import { until } from '../../src/local/until.js';
import { OtlpReceiver } from './stage/otlp-receiver.js';
import { commandWith } from './stage/command.js';
import { decodePayload, json, type EncodedPayload } from './stage/payloads.js';
import { Stage } from './stage/stage.js';
import type { StagedPair } from './stage/staged-pair.js';
import { completed, failed, WorkflowRun } from './stage/workflow-run.js';

const key = randomBytes(32);
const nextKey = randomBytes(32);
const base64 = (bytes: Buffer) => bytes.toString('base64');

let stage: Stage;
let server: Server;
let pair: StagedPair;
let receiver: OtlpReceiver;
beforeAll(async () => {
  const listener = { host: '127.0.0.1', port: 0 };
  const codec = encryptionCodec({ current: new Secret(key), others: [new Secret(nextKey)] });
  [stage, server, receiver] = await Promise.all([
    Stage.start(),
    startCodecServer({ codec, listener, origins: [] }),
    OtlpReceiver.start(),
  ]);
});
afterAll(async () => {
  server.close();
  await stage.stop();
  await receiver.stop();
});
beforeEach(async () => {
  await stage.restartWorker({ ENCRYPTION_KEY: base64(key), ...receiver.settings });
  pair = await stage.pair('CREATE SEQUENCE customer_invoices');
});

/** The command as a person with the codec server uses it. */
function decoding(run: WorkflowRun): WorkflowRun {
  const { port } = server.address() as AddressInfo;
  return new WorkflowRun(stage.cli.with('--codec-endpoint', `http://127.0.0.1:${port}`), run.workflowId);
}

/** Every payload in it, wherever it is, but for the IDs of a trace, which Temporal's SDK does not encrypt. */
function payloadsIn(value: unknown): EncodedPayload[] {
  if (typeof value !== 'object' || value === null) return [];
  if ('metadata' in value && 'data' in value) return [value as EncodedPayload];
  return Object.entries(value).flatMap(([name, one]) => (name === '_tracer-data' ? [] : payloadsIn(one)));
}

const encodingOf = ({ metadata }: EncodedPayload) =>
  Buffer.from(metadata?.['encoding'] ?? '', 'base64').toString();

/**
 * The SDK itself writes the names of the workflow code's versions, unencrypted: a marker, and the search attribute TemporalChangeVersion.
 * https://docs.temporal.io/develop/typescript/versioning#patching
 */
function isVersionMark(payload: EncodedPayload): boolean {
  if (encodingOf(payload) !== 'json/plain') return false;
  const value = decodePayload(payload);
  return Array.isArray(value)
    ? value.every((name) => typeof name === 'string' && /^[a-z-]+$/.test(name))
    : typeof value === 'object' && value !== null && Object.keys(value).join() === 'id,deprecated';
}

it('hides everything that the worker writes, also in spans, and the codec server shows it', async () => {
  const { port } = server.address() as AddressInfo;
  const endpoint = ['--codec-endpoint', `http://127.0.0.1:${port}`];
  const input = { pair: pair.name, ticket: 'CHG-confidential' };
  // The command encrypts too, by the same server.
  const hidden = await stage.start(input, { flags: endpoint });
  const run = decoding(hidden);
  const status = await run.atGate();
  expect(status).toMatchObject({ ticket: 'CHG-confidential', gate: { state: 'open' } });
  expect((await run.sequences({})).rows).toMatchObject([
    { sequence: 'public.customer_invoices', target: '10001' },
  ]);
  expect(await run.decide(...json({ decision: 'approve', by: 'alice' }))).toEqual({
    stands: true,
    answer: { state: 'approved', approvals: 1, required: 1 },
  });
  expect(await completed(run)).toMatchObject({ outcome: 'handed-off', counts: { applied: 1 } });
  expect(await run.memo()).toMatchObject({ pair: pair.name, buffer: '10000' });

  const history = await hidden.history();
  const payloads = payloadsIn(history).filter((payload) => !isVersionMark(payload));
  expect(payloads.length).toBeGreaterThan(20);
  expect(payloads.filter((payload) => encodingOf(payload) !== 'binary/encrypted')).toEqual([]);
  const bytes = payloads.map(({ data }) => Buffer.from(data ?? '', 'base64').toString('latin1')).join();
  for (const told of [JSON.stringify(history), bytes]) {
    for (const text of ['customer_invoices', 'CHG-confidential', 'alice']) expect(told).not.toContain(text);
  }
  const step = await receiver.span('RunActivity:applyTargets');
  const scheduled = receiver.spans.find(({ spanId }) => spanId === step.parentSpanId);
  expect(scheduled).toMatchObject({ name: 'StartActivity:applyTargets', traceId: step.traceId });
  for (const text of ['customer_invoices', 'CHG-confidential', 'alice']) {
    expect(receiver.received).not.toContain(text);
  }
  const open = payloadsIn(await run.history()).filter((payload) => encodingOf(payload) === 'json/plain');
  expect(open.map((payload) => JSON.stringify(decodePayload(payload))).join()).toContain('customer_invoices');
});

it('accepts messages of a client without the key, and answers encrypted', async () => {
  const plain = await stage.start({ pair: pair.name });
  const run = decoding(plain);
  await run.atGate();
  expect(await plain.query(QUERIES.status)).toBeNull();
  await plain.signal('approve', ...json({ by: 'bob' }));
  const result = await completed(run);
  expect(result.gate?.approvals).toMatchObject([{ by: 'bob' }]);
  const other = await stage.start({ pair: pair.name, mode: 'syncc' });
  expect(await failed(decoding(other))).toMatchObject({ type: 'InvalidInput', details: { phase: 'done' } });
});

it('changes its key while a run waits', async () => {
  const run = decoding(await stage.start({ pair: pair.name }));
  await run.atGate();
  await stage.restartWorker({ ENCRYPTION_KEY: base64(nextKey), DECRYPTION_KEYS: base64(key) });
  expect((await run.status()).gate?.state).toBe('open');
  await run.signal('approve', ...json({ by: 'alice' }));
  expect(await completed(run)).toMatchObject({ outcome: 'handed-off' });
});

it('waits for a worker with the key instead of ending the run', async () => {
  const plain = await stage.start({ pair: pair.name });
  const run = decoding(plain);
  await run.atGate();
  await stage.restartWorker();
  await plain.signal('approve', ...json({ by: 'alice' }));
  const givenBack = async () =>
    (await plain.history()).events.some(({ eventType }) => eventType === 'EVENT_TYPE_WORKFLOW_TASK_FAILED');
  await until(givenBack, { what: 'the worker without the key to give the task back' });
  await stage.restartWorker({ ENCRYPTION_KEY: base64(key) });
  const result = await completed(run);
  expect(result).toMatchObject({ outcome: 'handed-off', counts: { applied: 1 } });
  expect(result.gate?.approvals).toMatchObject([{ by: 'alice' }]);
});

it('lists an ending that cannot be decrypted with the reason', async () => {
  const run = await stage.start({ pair: pair.name, mode: 'sync' });
  await completed(decoding(run));
  const { command } = commandWith(() => stage.workerSettings);
  const row = await until(
    async () => {
      const { stdout } = await command('list', '--closed', '--output', 'json');
      const { workflows } = JSON.parse(stdout) as { workflows: { workflowId: string }[] };
      return workflows.find(({ workflowId }) => workflowId === run.workflowId);
    },
    { what: 'the run to be listed' },
  );
  expect(row).toMatchObject({
    state: 'completed',
    outcome: null,
    trouble: expect.stringMatching(/./u) as string,
  });
});

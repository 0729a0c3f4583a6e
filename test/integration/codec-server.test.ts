import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startCodecServer } from '../../src/codec-server/codec-server.js';
import { Secret } from '../../src/config/secret.js';
import { encryptionCodec } from '../../src/worker/encryption-codec.js';

const origin = 'http://localhost:8233';
const codec = (key: Buffer) => encryptionCodec({ current: new Secret(key), others: [] });
const base64 = (text: string) => Buffer.from(text).toString('base64');
const plain = { metadata: { encoding: base64('json/plain') }, data: base64('{"by":"alice"}') };

let server: Awaited<ReturnType<typeof startCodecServer>>;
beforeAll(async () => {
  const listener = { host: '127.0.0.1', port: 0 };
  server = await startCodecServer({ codec: codec(randomBytes(32)), listener, origins: [origin] });
});
afterAll(() => {
  server.close();
});

interface Payloads {
  payloads: { metadata: Record<string, string>; data: string }[];
}

function ask(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  const { port } = server.address() as AddressInfo;
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', body: text, headers });
}

async function answered(path: string, body: unknown): Promise<Payloads['payloads']> {
  const response = await ask(path, body);
  expect(response.status).toBe(200);
  return ((await response.json()) as Payloads).payloads;
}

it('encodes and decodes', async () => {
  const encoded = await answered('/encode', { payloads: [plain, {}] });
  expect(encoded.map(({ metadata }) => metadata['encoding'])).toEqual(
    Array(2).fill(base64('binary/encrypted')),
  );
  expect(await answered('/decode', { payloads: encoded })).toEqual([plain, { metadata: {}, data: '' }]);
});

it('answers what it cannot decode as it is, next to what it can', async () => {
  const [ours] = await answered('/encode', { payloads: [plain] });
  const [theirs] = await codec(randomBytes(32)).encode([{ data: Buffer.from('x') }]);
  const metadata = Object.entries(theirs?.metadata ?? {}).map(([name, value]) => [
    name,
    Buffer.from(value).toString('base64'),
  ]);
  const foreign = {
    metadata: Object.fromEntries(metadata) as object,
    data: Buffer.from(theirs?.data ?? []).toString('base64'),
  };
  expect(await answered('/decode', { payloads: [foreign, ours, plain] })).toEqual([foreign, plain, plain]);
});

it('answers nothing with nothing, as the command asks for a query without arguments', async () => {
  expect(await answered('/decode', {})).toEqual([]);
});

it('takes the namespace in front of the path', async () => {
  expect(await answered('/default/decode', { payloads: [plain] })).toEqual([plain]);
});

it.each([
  ['no JSON', '{'],
  ['no object', []],
  ['no list', { payloads: 'x' }],
  ['no text', { payloads: [{ data: 1 }] }],
])('refuses a body with %s', async (_what, body) => {
  const response = await ask('/decode', body);
  expect([response.status, await response.text()]).toEqual([
    400,
    expect.stringContaining('expected {"payloads"'),
  ]);
});

it('knows two paths, and POST alone', async () => {
  expect((await ask('/', {})).status).toBe(404);
  const { port } = server.address() as AddressInfo;
  expect((await fetch(`http://127.0.0.1:${port}/decode`)).status).toBe(405);
});

it('answers web pages of the UI, and none of others', async () => {
  const { port } = server.address() as AddressInfo;
  const preflight = (from: string) =>
    fetch(`http://127.0.0.1:${port}/decode`, {
      method: 'OPTIONS',
      headers: {
        origin: from,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type,x-namespace',
      },
    });
  const allowed = await preflight(origin);
  expect(allowed.status).toBe(204);
  expect(allowed.headers.get('access-control-allow-origin')).toBe(origin);
  expect(allowed.headers.get('access-control-allow-headers')).toContain('x-namespace');
  expect(
    (await ask('/decode', { payloads: [plain] }, { origin })).headers.get('access-control-allow-origin'),
  ).toBe(origin);

  const foreign = 'https://elsewhere.example';
  expect((await preflight(foreign)).status).toBe(403);
  const refused = await ask('/decode', { payloads: [plain] }, { origin: foreign });
  expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([403, null]);
});

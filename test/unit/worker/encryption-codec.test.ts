import { randomBytes } from 'node:crypto';
import type { Payload } from '@temporalio/common';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Secret } from '../../../src/config/secret.js';
import { DecryptionError, encryptionCodec, keyId } from '../../../src/worker/encryption-codec.js';
import { payloadConverter } from '../../../src/worker/payload-converter.js';

const key = randomBytes(32);
const codec = encryptionCodec({ current: new Secret(key), others: [] });
const text = (bytes: Uint8Array | null | undefined): string => Buffer.from(bytes ?? []).toString();

async function encrypted(value: unknown): Promise<Payload> {
  const [payload] = await codec.encode([payloadConverter.toPayload(value)]);
  if (!payload) throw new Error('nothing encoded');
  return payload;
}

it('gives back every payload as it was', async () => {
  const payload = fc.record({
    metadata: fc.dictionary(fc.string(), fc.uint8Array()),
    data: fc.uint8Array({ maxLength: 2_000 }),
  });
  const bytes = (value: Payload | undefined) => ({
    metadata: Object.entries(value?.metadata ?? {})
      .map(([name, data]) => [name, [...data]])
      .sort(),
    data: [...(value?.data ?? [])],
  });
  await fc.assert(
    fc.asyncProperty(fc.array(payload, { maxLength: 3 }), async (payloads) => {
      const decoded = await codec.decode(await codec.encode(payloads));
      expect(decoded.map(bytes)).toEqual(payloads.map(bytes));
    }),
  );
});

it('shows nothing but the name of the key, and never the same twice', async () => {
  const [one, other] = [await encrypted({ by: 'alice' }), await encrypted({ by: 'alice' })];
  expect(text(one.metadata?.['encoding'])).toBe('binary/encrypted');
  expect(text(one.metadata?.['encryption-key-id'])).toBe(keyId(key));
  expect(Object.keys(one.metadata ?? {})).toHaveLength(2);
  expect(text(one.data)).not.toContain('alice');
  expect(text(one.data)).not.toContain('json');
  expect(one.data).not.toEqual(other.data);
});

it('passes on what is not encrypted', async () => {
  const plain = payloadConverter.toPayload({ by: 'alice' });
  expect(await codec.decode([plain])).toEqual([plain]);
});

it('reads what an older key wrote, and writes with the current one', async () => {
  const next = randomBytes(32);
  const rotated = encryptionCodec({ current: new Secret(next), others: [new Secret(key)] });
  const [decoded] = await rotated.decode([await encrypted('old')]);
  expect(decoded && payloadConverter.fromPayload(decoded)).toBe('old');
  const [written] = await rotated.encode([payloadConverter.toPayload('new')]);
  expect(text(written?.metadata?.['encryption-key-id'])).toBe(keyId(next));
});

it('without a current key writes as it is, and reads with the others', async () => {
  const reader = encryptionCodec({ current: null, others: [new Secret(key)] });
  const plain = payloadConverter.toPayload('plain');
  expect(await reader.encode([plain])).toEqual([plain]);
  const [decoded] = await reader.decode([await encrypted('secret')]);
  expect(decoded && payloadConverter.fromPayload(decoded)).toBe('secret');
});

it('names the key that is missing, and those that it has, and shows none', async () => {
  const other = randomBytes(32);
  const payload = await encrypted('secret');
  const failure = async (keys: Parameters<typeof encryptionCodec>[0]) =>
    encryptionCodec(keys)
      .decode([payload])
      .then(String, (error: unknown) => error as Error);
  const foreign = await failure({ current: new Secret(other), others: [] });
  expect(foreign).toBeInstanceOf(DecryptionError);
  expect(foreign).toMatchObject({
    message: `A payload is encrypted with the key "${keyId(key)}", which this process does not have (it has ${keyId(other)}): add it to DECRYPTION_KEYS.`,
  });
  expect(await failure({ current: null, others: [] })).toMatchObject({
    message: expect.stringContaining('(it has none)') as string,
  });
});

it.each([
  ['its text', (data: Buffer) => data.writeUInt8(data.readUInt8(20) ^ 1, 20)],
  ['its initialization vector', (data: Buffer) => data.writeUInt8(data.readUInt8(0) ^ 1, 0)],
  ['its tag', (data: Buffer) => data.writeUInt8(data.readUInt8(data.length - 1) ^ 1, data.length - 1)],
])('refuses a payload of which %s was changed', async (_what, change) => {
  const payload = await encrypted('secret');
  const data = Buffer.from(payload.data ?? []);
  change(data);
  await expect(codec.decode([{ ...payload, data }])).rejects.toThrow(
    /was not encrypted with it, or was changed/,
  );
});

it.each([0, 5, 12, 27])('refuses a payload cut to %i bytes', async (length) => {
  const payload = await encrypted('secret');
  const data = payload.data?.slice(0, length) ?? null;
  await expect(codec.decode([{ ...payload, data }])).rejects.toThrow(DecryptionError);
});

import { expect, it } from 'vitest';
import { codecFromEnvironment } from '../../../src/worker/codec-from-environment.js';

const payload = { metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from('"alice"') };
const key = Buffer.alloc(32, 1).toString('base64');
const newer = Buffer.alloc(32, 2).toString('base64');

it('encrypts with ENCRYPTION_KEY, and decrypts with DECRYPTION_KEYS too', async () => {
  const [encrypted] = await codecFromEnvironment({ ENCRYPTION_KEY: key }).encode([payload]);
  expect(Buffer.from(encrypted?.data ?? []).includes('alice')).toBe(false);
  const reader = codecFromEnvironment({ ENCRYPTION_KEY: newer, DECRYPTION_KEYS: key });
  const [read] = await reader.decode(encrypted === undefined ? [] : [encrypted]);
  expect(Buffer.from(read?.data ?? []).toString()).toBe('"alice"');
});

it('refuses a key that is none, and does not repeat it', () => {
  expect(() => codecFromEnvironment({ ENCRYPTION_KEY: 'secret' })).toThrow(
    /ENCRYPTION_KEY: expected 32 bytes in base64(?!.*secret)/u,
  );
});

import { inspect } from 'node:util';
import { expect, it } from 'vitest';
import { readConfiguration } from '../../../src/config/configuration.js';
import { secretsOf } from '../../../src/config/secrets-of.js';

const base = {
  HOME: '/nonexistent',
  XDG_CONFIG_HOME: '/nonexistent',
  PRIMARY_URL: 'postgresql://a@db1/app',
  STANDBY_URL: 'postgresql://a@db2/app',
};
const key = Buffer.alloc(32, 7).toString('base64');
const other = Buffer.alloc(32, 8).toString('base64');
const read = (variables: Record<string, string>) => readConfiguration({ ...base, ...variables });

it('serves metrics and health on this machine alone, unless told otherwise', () => {
  expect(read({ METRICS_PORT: '9464', HEALTH_PORT: '8080' })).toMatchObject({
    metrics: { host: '127.0.0.1', port: 9464 },
    health: { host: '127.0.0.1', port: 8080 },
  });
  expect(read({ METRICS_PORT: '9464', LISTEN_ADDRESS: '0.0.0.0' })).toMatchObject({
    metrics: { host: '0.0.0.0', port: 9464 },
    health: null,
  });
});

it.each(['0', '65536', '-1', '80a', '0.0.0.0:80'])('refuses the port %s', (port) => {
  expect(() => read({ METRICS_PORT: port, HEALTH_PORT: port })).toThrow(
    /2 problems:\n {2}METRICS_PORT: expected a port.*LISTEN_ADDRESS\n {2}HEALTH_PORT: expected a port/,
  );
});

it('reads keys, and shows none', () => {
  const configuration = read({ ENCRYPTION_KEY: key, DECRYPTION_KEYS: `${other}, ${key}` });
  const { current, others } = configuration.encryption;
  expect(current?.reveal().toString('base64')).toBe(key);
  expect(others.map((one) => one.reveal().toString('base64'))).toEqual([other, key]);
  expect(inspect(configuration) + JSON.stringify(configuration)).not.toContain(key);
  expect(secretsOf(configuration, base)).toEqual(expect.arrayContaining([key, other]));
});

it.each([
  ['too short', Buffer.alloc(31).toString('base64')],
  ['no base64', 'x'.repeat(32)],
  ['hexadecimal', Buffer.alloc(32).toString('hex')],
])('refuses a key that is %s without showing it', (_what, text) => {
  const attempt = () => read({ ENCRYPTION_KEY: text, DECRYPTION_KEYS: `${other},${text}` });
  expect(attempt).toThrow(
    /2 problems:\n {2}ENCRYPTION_KEY: expected 32 bytes.*\n {2}DECRYPTION_KEYS: expected 32 bytes/,
  );
  expect(attempt).not.toThrow(text);
});

import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
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

describe('NOTIFY_URL', () => {
  const url = 'https://hooks.example/services/T000/planted-secret';

  it('is off by default, and no text shows it or its secret', () => {
    expect(read({}).notify).toBeNull();
    const configuration = read({ NOTIFY_URL: `${url}#part`, NOTIFY_SECRET: `whsec_${key}` });
    expect(configuration.notify?.url.reveal().href).toBe(url);
    expect(configuration.notify?.key?.reveal().toString('base64')).toBe(key);
    const shown = inspect(configuration) + JSON.stringify(configuration);
    expect(shown).not.toContain('planted-secret');
    expect(shown).not.toContain(key);
    expect(secretsOf(configuration, base)).toEqual(
      expect.arrayContaining([url, '/services/T000/planted-secret', key]),
    );
  });

  it.each([
    [
      'another protocol',
      { NOTIFY_URL: 'ftp://planted-secret' },
      /NOTIFY_URL: expected a URL that begins with https/,
    ],
    ['no URL', { NOTIFY_URL: 'planted-secret' }, /NOTIFY_URL: expected a URL/],
    [
      'a user',
      { NOTIFY_URL: 'https://planted-secret@host/' },
      /NOTIFY_URL: cannot have a user or a password/,
    ],
    ['a secret without it', { NOTIFY_SECRET: key }, /NOTIFY_URL: not set, although NOTIFY_SECRET is/],
    [
      'a secret that is no base64',
      { NOTIFY_URL: url, NOTIFY_SECRET: 'planted-secret!' },
      /NOTIFY_SECRET: expected 24/,
    ],
    [
      'a short secret',
      { NOTIFY_URL: url, NOTIFY_SECRET: 'cGxhbnRlZA==' },
      /NOTIFY_SECRET: expected 24 to 64 bytes/,
    ],
  ])('with %s is refused without showing it', (_what, variables, message) => {
    const attempt = () => read(variables);
    expect(attempt).toThrow(message);
    expect(attempt).not.toThrow('planted-secret');
  });
});

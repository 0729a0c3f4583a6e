import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readConnection } from '../../../src/postgres/connection/connection-config.js';
import { findPassword } from '../../../src/postgres/connection/passfile.js';

const read = (url: string, env: NodeJS.ProcessEnv = {}) => readConnection('standby', url, env);

/** What the first attempt connects with. */
const first = (url: string, env: NodeJS.ProcessEnv = {}) => read(url, env).attempts[0];

function file(content: string, mode = 0o600): string {
  const folder = mkdtempSync(join(tmpdir(), 'connection-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true });
  });
  const path = join(folder, 'file');
  writeFileSync(path, content, { mode });
  return path;
}

describe('a connection URL', () => {
  it('is read as psql reads it', () => {
    const url =
      'postgresql://us%40er:p%2Fa%3Ass@[::1]:5433/my%20db?connect_timeout=3&options=-c%20geqo%3Doff';
    expect(read(url).address).toEqual({ host: '::1', port: 5433, database: 'my db' });
    expect(first(url)).toMatchObject({
      ...{
        host: '::1',
        port: 5433,
        database: 'my db',
        user: 'us@er',
        password: 'p/a:ss',
        options: '-c geqo=off',
      },
      ...{ application_name: 'sequence-failover', keepAlive: true, connectionTimeoutMillis: 3000 },
    });
  });

  it('falls back to the environment, then to the defaults', () => {
    const env = { PGHOST: 'h', PGPORT: '6000', PGUSER: 'u', PGPASSWORD: 'p', PGDATABASE: 'd' };
    expect(first('postgres://', env)).toMatchObject({
      host: 'h',
      port: 6000,
      user: 'u',
      password: 'p',
      database: 'd',
    });
    expect(first('postgres://other@/name', env)).toMatchObject({
      host: 'h',
      user: 'other',
      database: 'name',
    });
    expect(first('postgres://u@')).toMatchObject({
      ...{ host: 'localhost', port: 5432, user: 'u', database: 'u', connectionTimeoutMillis: 5000 },
    });
  });

  it('takes a socket folder as host, which never has TLS', () => {
    for (const url of [
      'postgres://u@%2Fvar%2Frun/d?sslmode=require',
      'postgres://u@/d?host=/var/run&sslmode=require',
    ]) {
      expect(read(url).attempts).toEqual([expect.objectContaining({ host: '/var/run', ssl: false })]);
    }
  });

  it.each([
    ['postgres://u:p@a,b/d', 'several hosts'],
    ['postgres://u:p@a:1,b:2/d', 'several hosts'],
    ['postgres://u:p@/d?host=a,b', 'several hosts'],
    ['host=a user=u password=planted', 'key=value'],
    ['mysql://u:planted@a/d', 'has to look like postgresql://'],
    ['planted', 'has to look like postgresql://'],
    ['postgres://u:pl/anted@a/d', 'write @ as %40'],
    ['postgres://u:12#planted@a/d', 'write @ as %40'],
    ['postgres://u:12?planted@a/d', 'write @ as %40'],
    ['postgres://u:pla@nted/planted@a:5432/d', 'write @ as %40'],
    ['postgres://u:p@planted?host=planted@a/d', 'write @ as %40'],
    ['postgres://u:p@planted/d?password=x@a', 'write @ as %40'],
    ['postgres://u:planted%zz@a/d', '%25'],
    ['postgres://u:p@a:port/d', 'host and port'],
    ['postgres://u:p@a:70000/d', '1 to 65535'],
    ['postgres://u@a/d?sslmod=planted', 'parameter number 1'],
    ['postgres://u@a/d?sslmode=strict', 'sslmode is none of'],
    ['postgres://u@a/d?hostaddr=1.2.3.4', 'hostaddr is not supported'],
    ['postgres://u@a/d?channel_binding=require', 'channel_binding=require cannot be kept'],
    ['postgres://u@a/d?sslmode=verify-full&sslrootcert=/planted-not/there', 'cannot be read (ENOENT)'],
    ['postgres://u@a/d?sslmode=require&sslrootcert=system', 'too weak'],
  ])('is refused with side and reason and without what it holds: %s', (url, reason) => {
    expect(() => read(url)).toThrow(
      expect.objectContaining({
        name: 'InvalidConnectionError',
        message: expect.stringMatching(/^The connection URL of the standby cannot be used: /) as unknown,
      }),
    );
    expect(() => read(url)).toThrow(reason);
    if (!url.includes('sslrootcert=/')) expect(() => read(url)).not.toThrow(/planted/);
  });

  it('gives back any user, password and database that were encoded into it', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1 });
    fc.assert(
      fc.property(text, text, text, (user, password, database) => {
        const [u, p, d] = [user, password, database].map(encodeURIComponent);
        expect(first(`postgresql://${u ?? ''}:${p ?? ''}@host/${d ?? ''}`)).toMatchObject({
          user,
          password,
          database,
        });
      }),
    );
  });
});

describe('sslmode', () => {
  const ssl = (parameters: string, env: NodeJS.ProcessEnv = {}) =>
    read(`postgres://u@h/d?${parameters}`, env).attempts.map((attempt) => attempt.ssl);
  const unverified = expect.objectContaining({ rejectUnauthorized: false }) as unknown;

  it('decides what is tried, in which order', () => {
    expect(ssl('sslmode=disable')).toEqual([false]);
    expect(ssl('sslmode=allow')).toEqual([false, unverified]);
    expect(ssl('sslmode=prefer')).toEqual([unverified, false]);
    expect(ssl('')).toEqual([unverified, false]);
    expect(ssl('sslmode=require')).toEqual([unverified]);
    expect(ssl('ssl=true')).toEqual([unverified]);
    expect(ssl('', { PGSSLMODE: 'require' })).toEqual([unverified]);
    expect(ssl('sslmode=disable', { PGSSLMODE: 'require' })).toEqual([false]);
  });

  it('verifies against sslrootcert, and the name too only in verify-full', () => {
    const path = file('certificate');
    const authority = { ca: 'certificate', rejectUnauthorized: true };
    const anyName = { ...authority, checkServerIdentity: expect.any(Function) as unknown };
    expect(ssl(`sslmode=require&sslrootcert=${path}`)).toEqual([expect.objectContaining(anyName)]);
    expect(ssl(`sslmode=verify-ca&sslrootcert=${path}`)).toEqual([expect.objectContaining(anyName)]);
    const [full] = ssl('sslmode=verify-full', { PGSSLROOTCERT: path });
    expect(full).toMatchObject(authority);
    expect(full).not.toHaveProperty('checkServerIdentity');
    expect(ssl('sslrootcert=system')).toEqual([expect.objectContaining({ rejectUnauthorized: true })]);
    expect(ssl('sslmode=verify-full&sslrootcert=system')[0]).not.toHaveProperty('ca');
  });
});

describe('a password file', () => {
  const login = { host: 'h', port: 5432, database: 'd', user: 'u' };

  it.each([
    ['h:5432:d:u:secret', 'secret'],
    ['*:*:*:*:secret', 'secret'],
    ['#h:5432:d:u:no\nother:*:*:*:no\nh:5432:d:u:yes\n*:*:*:*:no', 'yes'],
    ['*:*:*:*:a\\:b\\\\c', 'a:b\\c'],
    ['*:*:*:*:a:b', 'a:b'],
    ['h:5432:d:u:x\r\n', 'x'],
    ['', null],
    ['h:5433:d:u:secret', null],
    ['*:*:*:*:', null],
  ])('%j gives %j', async (content, password) => {
    const found = await findPassword(file(content), login);
    expect(found).toEqual(
      password === null ? { reason: expect.stringContaining('no line of') as unknown } : { password },
    );
  });

  it('says why it is not used', async () => {
    expect(await findPassword('/not/there', login)).toEqual({ reason: '/not/there cannot be read (ENOENT)' });
    const open = file('*:*:*:*:secret', 0o644);
    expect(await findPassword(open, login)).toEqual({
      reason: expect.stringContaining('chmod 0600') as unknown,
    });
  });
});

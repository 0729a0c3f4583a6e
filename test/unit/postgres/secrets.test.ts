import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scrub, scrubError } from '../../../src/postgres/failures/secrets.js';

describe('scrub', () => {
  it.each([
    ['a connection string', 'see postgres://u:p@h:1/d?x=y, then', 'see postgres://*** then'],
    [
      'one in quotes',
      "CONNECTION 'postgresql://u:p@h/d' PUBLICATION p",
      "CONNECTION 'postgresql://***' PUBLICATION p",
    ],
    ['the login of another URL', 'https://me:p@ss@host/path', 'https://***@host/path'],
    ['a password in key=value pairs', "host=h password='a b\\'c' user=u", 'host=h password=*** user=u'],
    ['a bare password', 'host=h PASSWORD = secret user=u', 'host=h PASSWORD = *** user=u'],
    ['a password in JSON', '{"password":"a\\"b","user":"u"}', '{"password":***,"user":"u"}'],
    ['a password in SQL', "ALTER ROLE u PASSWORD 'it''s';", 'ALTER ROLE u PASSWORD ***;'],
    ['sslpassword', 'sslpassword=x&sslmode=require', 'sslpassword=***&sslmode=require'],
    ['PGPASSWORD', 'PGPASSWORD=x psql', 'PGPASSWORD=*** psql'],
  ])('hides %s', (_, text, scrubbed) => {
    expect(scrub(text)).toBe(scrubbed);
  });

  it('leaves what is no secret', () => {
    const text = 'password authentication failed for user "a" (see https://example.org/x, time 12:30)';
    expect(scrub(text)).toBe(text);
  });

  it.each([
    ['as it is', 'p@ss/wörd 1%'],
    ['URL-encoded', encodeURIComponent('p@ss/wörd 1%')],
    ['URL-encoded in lower case', 'p%40ss%2fw%c3%b6rd%201%25'],
    ['URL-encoded twice', encodeURIComponent(encodeURIComponent('p@ss/wörd 1%'))],
    ['encoded as a form', 'p%40ss%2Fw%C3%B6rd+1%25'],
    ['encoded in part', 'p@ss%2fwörd%201%'],
    ['encoded throughout', '%70%40%73%73%2F%77%C3%B6%72%64%20%31%25'],
  ])('hides a given secret %s', (_, spelling) => {
    expect(scrub(`before ${spelling} after`, ['p@ss/wörd 1%'])).toBe('before *** after');
  });

  it('hides a short secret only where it stands alone', () => {
    expect(scrub('role ab of table abc: "ab"', ['ab'])).toBe('role *** of table abc: "***"');
  });

  it('hides any given secret of four characters or more, in all its spellings', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 4 }), fc.string(), (secret, before) => {
        for (const spelling of [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]) {
          expect(scrub(`${before} ${spelling}`, [secret])).not.toContain(spelling);
        }
      }),
    );
  });
});

describe('scrubError', () => {
  it('reaches message, stack, fields, causes and gathered errors, and keeps the class and the code', () => {
    const inner = Object.assign(new Error('inner planted'), { detail: 'detail planted', code: '28P01' });
    const error = new AggregateError([inner, new TypeError('other planted')], 'outer planted', {
      cause: new Error('cause planted', { cause: inner }),
    });
    expect(scrubError(error, ['planted'])).toBe(error);
    expect(inspect(error, { depth: 10 })).not.toContain('planted');
    expect(inner).toMatchObject({ message: 'inner ***', detail: 'detail ***', code: '28P01' });
    expect(error.errors[1]).toBeInstanceOf(TypeError);
  });

  it('ends on causes that form a loop, and takes what is no error', () => {
    const error = new Error('planted');
    error.cause = error;
    expect(scrubError(error, ['planted'])).toMatchObject({ message: '***' });
    expect(scrubError('planted', ['planted'])).toBe('***');
    expect(scrubError(undefined, ['planted'])).toBeUndefined();
  });
});

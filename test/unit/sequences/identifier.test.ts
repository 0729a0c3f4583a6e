import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  partsOfName,
  pasteable,
  qualifiedName,
  quoteIdentifier,
  quoteLiteral,
  requoted,
} from '../../../src/sequences/identifier.js';
import { hostileNames } from '../../integration/postgres/hostile-names.js';

describe('an identifier', () => {
  it.each([
    ['orders', 'orders'],
    ['_x1', '_x1'],
    ['name', 'name'],
    ['Orders', '"Orders"'],
    ['1st', '"1st"'],
    ['a"b', '"a""b"'],
    // A keyword from PostgreSQL 16 on, and one that all versions have.
    ['system_user', '"system_user"'],
    ['select', '"select"'],
    ['größe', '"größe"'],
  ])('%s is written %s', (raw, quoted) => {
    expect(quoteIdentifier(raw)).toBe(quoted);
  });

  it('is told from how any server quotes it', () => {
    expect(requoted('public.system_user.id')).toBe('public."system_user".id');
    expect(requoted('"public"."orders"."id"')).toBe('public.orders.id');
    for (const { raw, quoted } of hostileNames)
      expect(partsOfName(`public.${quoted}.id`)).toEqual(['public', raw, 'id']);
  });

  it('comes back whatever it is', () => {
    const part = fc.string({ minLength: 1, unit: 'binary' });
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 3 }), (parts) => {
        expect(partsOfName(qualifiedName(...parts))).toEqual(parts);
      }),
    );
  });
});

it('a name in a statement is pasted from a terminal, whatever characters it has', () => {
  expect(pasteable('ALTER SEQUENCE public."two\nlines" OWNED BY "a""b\\\t".id;')).toBe(
    'ALTER SEQUENCE public.U&"two\\+00000Alines" OWNED BY U&"a""b\\\\\\+000009".id;',
  );
  expect(pasteable('accept it by {"accept": ["public.a"]}')).toBe('accept it by {"accept": ["public.a"]}');
  expect(quoteLiteral('public."two\nlines"')).toBe(`E'public."two\\U0000000Alines"'`);
});

it('a literal is right whatever standard_conforming_strings is', () => {
  expect([quoteLiteral("it's"), quoteLiteral('a\\b')]).toEqual(["'it''s'", "E'a\\\\b'"]);
});

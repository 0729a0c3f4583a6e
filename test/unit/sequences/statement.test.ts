import { describe, expect, it } from 'vitest';
import { guardedSetval } from '../../../src/sequences/statement.js';

describe('a guarded setval statement', () => {
  it('sets what is behind the target, under the lock of setval', () => {
    expect(
      guardedSetval({
        sequence: 'public.orders_id_seq',
        increment: 1n,
        target: 20_001n,
        value: 20_000n,
        called: true,
      }),
    ).toBe(
      "SELECT setval('public.orders_id_seq'::regclass, 20000, true) " +
        'FROM (SELECT seqrelid, pg_sequence_last_value(seqrelid) FROM pg_sequence ' +
        "WHERE seqrelid = 'public.orders_id_seq'::regclass AND seqincrement = 1 OFFSET 0) AS locked, " +
        'LATERAL (SELECT last_value::numeric + CASE WHEN is_called THEN 1 ELSE 0 END AS next ' +
        'FROM public.orders_id_seq WHERE tableoid = seqrelid OFFSET 0) AS standby ' +
        'WHERE next < 20001;',
    );
  });

  it('compares the other way round for a descending sequence', () => {
    const statement = guardedSetval({
      sequence: 'public.countdown',
      increment: -10n,
      target: -10_501n,
      value: -10_501n,
      called: false,
    });
    expect(statement).toMatch(/^SELECT setval\('public\.countdown'::regclass, -10501, false\) /);
    expect(statement).toContain('seqincrement = -10 ');
    expect(statement).toContain('THEN -10 ELSE 0 END');
    expect(statement).toMatch(/ WHERE next > -10501;$/);
  });

  it.each([
    [`"My Schema"."it's"`, `'"My Schema"."it''s"'`],
    [`public."a\\b'c"`, `E'public."a\\\\b''c"'`],
    ['public."line\nbreak; DROP"', `E'public."line\\U0000000Abreak; DROP"'`],
    ['public."say ""hi"""', `'public."say ""hi"""'`],
  ])(
    'quotes %j as a literal, and as a relation it stays what it is, but for what a terminal does not show',
    (sequence, literal) => {
      const statement = guardedSetval({ sequence, increment: 1n, target: 2n, value: 1n, called: true });
      expect(statement.startsWith(`SELECT setval(${literal}::regclass, 1, true) `)).toBe(true);
      expect(statement).toContain(`WHERE seqrelid = ${literal}::regclass AND`);
      const relation = sequence.replace('"line\nbreak; DROP"', 'U&"line\\+00000Abreak; DROP"');
      expect(statement).toContain(` FROM ${relation} WHERE tableoid`);
    },
  );
});

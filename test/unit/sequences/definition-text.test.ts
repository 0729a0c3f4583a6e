import fc from 'fast-check';
import { expect, it } from 'vitest';
import { definitionText, parseDefinition } from '../../../src/sequences/definition-text.js';
import { MAX_BIGINT } from '../../../src/sequences/sequence.js';

const plain = { increment: 1n, min: 1n, max: MAX_BIGINT, cache: 1n, cycle: false, start: 1n };

it('says only what is not the default', () => {
  expect(definitionText(plain)).toBe('');
  expect(definitionText({ ...plain, max: 2_147_483_647n })).toBe('AS integer');
  expect(definitionText({ ...plain, max: 32_767n, start: 5n, cycle: true })).toBe(
    'AS smallint START WITH 5 CYCLE',
  );
  expect(definitionText({ ...plain, increment: -2n, min: -MAX_BIGINT - 1n, max: -1n, start: -1n })).toBe(
    'INCREMENT BY -2',
  );
  expect(definitionText({ ...plain, increment: -2n, min: -500n, max: 7n, start: 5n, cache: 3n })).toBe(
    'INCREMENT BY -2 MINVALUE -500 MAXVALUE 7 START WITH 5 CACHE 3',
  );
  // The limit of one type, and beyond another's.
  expect(definitionText({ ...plain, min: -40_000n, max: 32_767n, start: -40_000n })).toBe(
    'MINVALUE -40000 MAXVALUE 32767',
  );
});

it('is read again as it was', () => {
  const limits = [-MAX_BIGINT - 1n, -2_147_483_648n, -32_768n, -1n, 1n, 32_767n, 2_147_483_647n, MAX_BIGINT];
  const bound = fc.oneof(fc.constantFrom(...limits), fc.bigInt(-MAX_BIGINT - 1n, MAX_BIGINT));
  fc.assert(
    fc.property(
      bound,
      bound,
      fc.bigInt(-100n, 100n),
      fc.bigInt(1n, 50n),
      fc.boolean(),
      fc.nat(100),
      (a, b, step, cache, cycle, at) => {
        const [min, max] = a < b ? [a, b] : [b, a];
        const increment = step === 0n ? 1n : step;
        const start = min + ((max - min) * BigInt(at)) / 100n;
        const definition = { increment, min, max, cache, cycle, start };
        expect(parseDefinition(definitionText(definition))).toMatchObject(definition);
      },
    ),
  );
});

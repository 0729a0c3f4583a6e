import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeValue, quoted } from '../../../src/contract/parsing/describe-value.js';
import { didYouMean } from '../../../src/contract/parsing/did-you-mean.js';
import {
  characters,
  cut,
  hasControl,
  looksLikeConnectionString,
  utf8Bytes,
  wellFormed,
} from '../../../src/contract/parsing/text.js';
import { isUndecodable, Undecodable } from '../../../src/contract/parsing/undecodable.js';

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.array(fc.constantFrom('\ud83d', '\ude42', '🙂', 'a', '\0')).map((parts) => parts.join('')),
);

describe('cut', () => {
  it.each([
    ['short', 5, 'short'],
    ['longer', 5, 'long…'],
    ['🙂🙂🙂', 3, '🙂🙂🙂'],
    ['🙂🙂🙂🙂', 3, '🙂🙂…'],
    ['a\ud83d', 5, 'a\ufffd'],
    ['', 1, ''],
    ['ab', 1, '…'],
  ])('%j to %d', (text, max, expected) => {
    expect(cut(text, max)).toBe(expected);
  });

  it('is well-formed, no longer than asked, and leaves alone what fits', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 1, max: 20 }), (text, max) => {
        const short = cut(text, max);
        expect(short.isWellFormed()).toBe(true);
        expect(characters(short)).toBeLessThanOrEqual(max);
        if (characters(text) <= max) expect(short).toBe(wellFormed(text));
      }),
    );
  });
});

describe('measures of a text', () => {
  it('counts code points and bytes as the encoders do', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(characters(text)).toBe(Array.from(text).length);
        expect(utf8Bytes(text)).toBe(new TextEncoder().encode(text).length);
      }),
    );
  });

  it('finds control characters', () => {
    expect(['a', 'é', '🙂', '\n', '\u007f', '\u0085'].map((text) => hasControl(text))).toEqual([
      false,
      false,
      false,
      true,
      true,
      true,
    ]);
    expect(['a\r\n\tb', 'a\u001b'].map((text) => hasControl(text, 'line breaks'))).toEqual([false, true]);
  });
});

describe('describeValue', () => {
  it.each<[unknown, string]>([
    [undefined, 'nothing'],
    [null, 'null'],
    [-0, '0'],
    [12n, '12'],
    [{ a: [1] }, '{"a":[1]}'],
    [new ArrayBuffer(3), 'binary data'],
    [Symbol('x'), 'a symbol'],
    [() => 1, 'a function'],
    [{ toJSON: () => undefined }, 'an object'],
    [{ a: 1n }, 'a value that cannot be read'],
    ['\u202eabc\u0085\u2028', '"\\u202eabc\\u0085\\u2028"'],
    ['x'.repeat(200), `"${'x'.repeat(98)}…`],
    ['postgres://u:p@h/d', 'a text that looks like a connection string (not shown)'],
    [
      { nested: { url: 'postgres://u:p@h/d' } },
      'an object with what looks like a connection string (not shown)',
    ],
    [['{"password": "p"}'], 'an array with what looks like a connection string (not shown)'],
  ])('describes value %#', (value, expected) => {
    expect(describeValue(value)).toBe(expected);
  });

  it('is bounded, well-formed and on one line, whatever the value', () => {
    fc.assert(
      fc.property(fc.oneof(anyText, fc.anything({ withBigInt: true, withTypedArray: true })), (value) => {
        const text = describeValue(value);
        expect(characters(text)).toBeLessThanOrEqual(100);
        expect(text.isWellFormed()).toBe(true);
        expect(hasControl(text)).toBe(false);
      }),
    );
  });

  it('quotes within a length', () => {
    expect(quoted('abc', 60)).toBe('"abc"');
    expect(characters(quoted('\n'.repeat(100), 60))).toBe(60);
  });
});

it.each(['postgresql://h/d', 'https://u:p@h', 'host=h password = x', 'PGPASSWORD=x', '{\\"password\\": 1}'])(
  'takes %j for a connection string',
  (text) => {
    expect(looksLikeConnectionString(text)).toBe(true);
  },
);

it.each(['orders', 'https://tracker/CHG-1', 'ask alice@example.com', 'password reset'])(
  'does not take %j for a connection string',
  (text) => {
    expect(looksLikeConnectionString(text)).toBe(false);
  },
);

it.each([
  ['bufer', 'buffer'],
  ['BUFFER', 'buffer'],
  ['includes', 'include'],
  ['by', null],
  ['unrelated', null],
  ['b'.repeat(1000), null],
])('takes %s for %s', (text, expected) => {
  expect(didYouMean(text, ['buffer', 'include', 'exclude', 'at'])).toBe(expected);
});

describe('Undecodable', () => {
  it('is known again, and JSON cannot forge it', () => {
    const value = new Undecodable('binary/\ud800', 'r'.repeat(400));
    expect(isUndecodable(value)).toBe(true);
    expect(JSON.parse(JSON.stringify(value))).toEqual({
      undecodable: true,
      encoding: 'binary/\ufffd',
      reason: `${'r'.repeat(299)}…`,
    });
    expect(isUndecodable(JSON.parse(JSON.stringify(value)))).toBe(false);
  });

  it('is told from anything else without an error', () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    expect([null, undefined, 5, 'x', {}, [], proxy].map(isUndecodable)).toEqual(Array(7).fill(false));
  });
});

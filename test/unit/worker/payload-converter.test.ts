import { defaultPayloadConverter } from '@temporalio/common';
import type { Payload } from '@temporalio/common';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isUndecodable } from '../../../src/contract/parsing/undecodable.js';
import { payloadConverter } from '../../../src/worker/payload-converter.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const payload = (encoding: string, data: string): Payload => ({
  metadata: { encoding: bytes(encoding) },
  data: bytes(data),
});

describe('what JSON can carry', () => {
  it('is decoded as the default converter does', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const encoded = payloadConverter.toPayload(value);
        expect(encoded).toEqual(defaultPayloadConverter.toPayload(value));
        expect(payloadConverter.fromPayload(encoded)).toEqual(defaultPayloadConverter.fromPayload(encoded));
      }),
    );
    expect(payloadConverter.fromPayload(payloadConverter.toPayload(undefined))).toBeUndefined();
  });

  it('is never taken for an undecodable payload, whatever it looks like', () => {
    for (const text of [
      '{"undecodable":true,"encoding":"x","reason":"y"}',
      '{"__proto__":{"undecodable":true}}',
    ]) {
      expect(isUndecodable(payloadConverter.fromPayload(payload('json/plain', text)))).toBe(false);
    }
  });
});

describe('what cannot be decoded', () => {
  it.each([
    ['broken JSON', payload('json/plain', '{"by": "alice"')],
    ['no JSON at all', payload('json/plain', '')],
    ['JSON without data', { metadata: { encoding: bytes('json/plain') } }],
    ['protobuf as JSON', payload('json/protobuf', '{}')],
    ['protobuf', payload('binary/protobuf', 'x')],
    ['bytes', payload('binary/plain', 'x')],
    ['an encrypted payload', payload('binary/encrypted', 'x')],
    ['a failed codec', payload('binary/failed-codec', '')],
    ['an encoding that is no text', { metadata: { encoding: new Uint8Array([0xff, 0]) }, data: bytes('1') }],
    ['a huge name of an encoding', payload('x'.repeat(1_000_000), '1')],
    ['no encoding', { metadata: {}, data: bytes('1') }],
    ['no metadata', { data: bytes('1') }],
    ['nothing', {}],
  ])('%s becomes a value that says so', (_what, given) => {
    const value = payloadConverter.fromPayload(given);
    expect(isUndecodable(value)).toBe(true);
    expect(JSON.stringify(value).length).toBeLessThan(600);
  });

  it('never throws', () => {
    const encodings = fc.constantFrom('json/plain', 'binary/null', 'binary/plain', 'json/protobuf', '');
    fc.assert(
      fc.property(
        fc.record({
          encoding: fc.oneof(fc.uint8Array(), encodings.map(bytes)),
          data: fc.option(fc.uint8Array(), { nil: undefined }),
        }),
        ({ encoding, data }) => {
          payloadConverter.fromPayload({ metadata: { encoding }, ...(data && { data }) });
        },
      ),
    );
  });
});

it('still refuses to encode a bigint', () => {
  expect(() => payloadConverter.toPayload(1n)).toThrow();
});

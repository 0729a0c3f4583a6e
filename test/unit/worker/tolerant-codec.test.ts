import type { Payload, PayloadCodec, SerializationContext } from '@temporalio/common';
import { expect, it } from 'vitest';
import { isUndecodable } from '../../../src/contract/parsing/undecodable.js';
import { payloadConverter } from '../../../src/worker/payload-converter.js';
import { tolerantCodec } from '../../../src/worker/tolerant-codec.js';

const text = (payload: Payload): string => new TextDecoder().decode(payload.data ?? new Uint8Array());

/** Reverses the bytes, and throws on what is marked as of another key. */
const reversing: PayloadCodec = {
  encode: (payloads) => Promise.resolve(payloads.map(reverse)),
  decode: (payloads) => {
    if (payloads.some((payload) => text(payload) === 'other key'))
      throw new Error('unable to authenticate data');
    return Promise.resolve(payloads.map(reverse));
  },
};
function reverse(payload: Payload): Payload {
  return { ...payload, data: Uint8Array.from(payload.data ?? []).reverse() };
}

const workflow: SerializationContext = { type: 'workflow', namespace: 'default', workflowId: 'w' };
const activity: SerializationContext = {
  type: 'activity',
  namespace: 'default',
  workflowId: 'w',
  activityId: '1',
  isLocal: false,
};
const foreign: Payload = {
  metadata: { encoding: new TextEncoder().encode('json/plain') },
  data: new TextEncoder().encode('other key'),
};

it('decodes what its codec encoded', async () => {
  const codec = tolerantCodec(reversing);
  const values = [{ by: 'alice' }, 1, null];
  const encoded = await codec.encode(
    values.map((value) => payloadConverter.toPayload(value)),
    workflow,
  );
  expect(encoded.map(text)).toEqual(['}"ecila":"yb"{', '1', 'llun']);
  const decoded = await codec.decode(encoded, workflow);
  expect(decoded.map((payload) => payloadConverter.fromPayload(payload))).toEqual(values);
});

it('turns only the payload that its codec throws on into an undecodable one', async () => {
  const [good] = await reversing.encode([payloadConverter.toPayload('good')]);
  if (!good) throw new Error('nothing encoded');
  const decoded = await tolerantCodec(reversing).decode([good, foreign, good], workflow);
  const values = decoded.map((payload) => payloadConverter.fromPayload(payload));
  expect(values).toEqual(['good', expect.anything(), 'good']);
  expect(isUndecodable(values[1])).toBe(true);
});

it('does the same with a codec that loses a payload', async () => {
  const losing: PayloadCodec = { ...reversing, decode: () => Promise.resolve([]) };
  const decoded = await tolerantCodec(losing).decode([foreign, foreign], undefined);
  expect(decoded.map((payload) => isUndecodable(payloadConverter.fromPayload(payload)))).toEqual([
    true,
    true,
  ]);
});

it('throws where an activity is concerned, for Temporal to retry until the key is there', async () => {
  await expect(tolerantCodec(reversing).decode([foreign], activity)).rejects.toThrow(
    'unable to authenticate data',
  );
});

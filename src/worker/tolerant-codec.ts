import type { Payload, PayloadCodec, SerializationContext } from '@temporalio/common';
import { isDecodable } from './payload-converter.js';

/**
 * The encoding of a payload that the codec could not decode. The payload converter does not know this encoding, so the
 * payload becomes an `Undecodable`.
 */
const undecodable = 'binary/failed-codec';

/**
 * Catches the errors of a codec. If it cannot decode a client's payload (for instance a signal that was encrypted with another
 * key), only that payload becomes undecodable. Otherwise the workflow task would fail again and again.
 *
 * Inputs and results of activities are different: workers of this project have encoded them. If one cannot be decoded, this
 * worker probably lacks a key. So the error is thrown, and Temporal retries until a worker can decode. Catching it would end
 * healthy runs.
 */
export function tolerantCodec(codec: PayloadCodec): PayloadCodec {
  return {
    encode: (payloads, context) => codec.encode(payloads, context),
    decode: async (payloads, context) => {
      if (context?.type === 'activity') return codec.decode(payloads, context);
      try {
        return await decodeAll(codec, payloads, context);
      } catch {
        return Promise.all(payloads.map((payload) => decodeAlone(codec, payload, context)));
      }
    },
  };
}

async function decodeAll(
  codec: PayloadCodec,
  payloads: Payload[],
  context: SerializationContext | undefined,
): Promise<Payload[]> {
  const decoded = await codec.decode(payloads, context);
  if (decoded.length !== payloads.length) {
    throw new Error(`the codec made ${decoded.length} payloads of ${payloads.length}`);
  }
  return decoded;
}

async function decodeAlone(
  codec: PayloadCodec,
  payload: Payload,
  context: SerializationContext | undefined,
): Promise<Payload> {
  try {
    const [decoded] = await decodeAll(codec, [payload], context);
    if (decoded) return decoded;
  } catch {
    // Not with the error's message, which may quote the payload.
  }
  const encoding = new TextDecoder().decode(payload.metadata?.['encoding']);
  // Keep the payload's own encoding, which is the best description, unless the converter would decode it as JSON.
  return isDecodable(encoding)
    ? { metadata: { encoding: new TextEncoder().encode(undecodable) }, data: new Uint8Array() }
    : payload;
}

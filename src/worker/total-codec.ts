import type { Payload, PayloadCodec, SerializationContext } from '@temporalio/common';
import { isDecodable } from './payload-converter.js';

/**
 * What a payload becomes that a codec cannot decode: the payload converter knows no such encoding, so that it ends
 * as an `Undecodable`.
 */
const undecodable = 'binary/failed-codec';

/**
 * Keeps a codec that throws on what a client sent (a signal encrypted with another key, for instance) from failing
 * the workflow task over and over: that payload alone becomes undecodable.
 *
 * What an activity was given or returned is another matter. This project's own workers encoded it, so a failure means
 * that the codec is in trouble (a key that is missing on this worker): it is thrown, and Temporal retries until a
 * worker can decode. Swallowing it would end healthy runs.
 */
export function totalCodec(codec: PayloadCodec): PayloadCodec {
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
    // Its message may quote what it could not decrypt.
  }
  const encoding = new TextDecoder().decode(payload.metadata?.['encoding']);
  // Its own encoding says most, and is as unknown to the converter, unless the codec failed on what passed for JSON.
  return isDecodable(encoding)
    ? { metadata: { encoding: new TextEncoder().encode(undecodable) }, data: new Uint8Array() }
    : payload;
}

import type { Client } from '@temporalio/client';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';

/** The values of payloads, decoded by the codecs of the client, in reverse order. @throws an error of a codec that lacks the key */
export async function decodePayloads(client: Client, payloads: readonly Payload[]): Promise<unknown[]> {
  let decoded = [...payloads];
  for (const codec of [...client.options.loadedDataConverter.payloadCodecs].reverse())
    decoded = await codec.decode(decoded);
  return decoded.map((payload) => defaultPayloadConverter.fromPayload(payload));
}

/**
 * Loaded by path, into the worker's process and into the workflow sandbox alike: no Node built-ins here.
 */
import { defaultPayloadConverter } from '@temporalio/common';
import type { ConverterHint, Payload, PayloadConverter, SerializationContext } from '@temporalio/common';
import { Undecodable } from '../contract/parsing/undecodable.js';

const decoded = new Set(['json/plain', 'binary/null']);

/** Whether the converter decodes payloads whose metadata says this `encoding`. */
export function isDecodable(encoding: string): boolean {
  return decoded.has(encoding);
}

/**
 * The default converter made total: a payload that it cannot decode, or that is not JSON, becomes an
 * {@link Undecodable}, which the schemas refuse. The default one throws, and whatever is thrown while a workflow task
 * is being decoded fails that task over and over: the run would hang on one bad signal. Encoding still throws.
 */
export const payloadConverter: PayloadConverter = {
  toPayload: (value, context, hint) => defaultPayloadConverter.toPayload(value, context, hint),
  fromPayload,
};

// The type is whatever the caller expects, as the interface has it.
function fromPayload<T>(payload: Payload, context?: SerializationContext, hint?: ConverterHint<T>): T {
  const encoding = encodingOf(payload);
  if (encoding === null || !isDecodable(encoding)) {
    return new Undecodable(encoding ?? 'none', 'only JSON (json/plain) is understood') as T;
  }
  try {
    return defaultPayloadConverter.fromPayload<T>(payload, context, hint);
  } catch (error) {
    return new Undecodable(encoding, error instanceof Error ? error.message : String(error)) as T;
  }
}

/** The payload's metadata `encoding`, as text; null where there is none. */
function encodingOf(payload: Payload): string | null {
  const bytes = (payload as Payload | null | undefined)?.metadata?.['encoding'];
  if (bytes === undefined) return null;
  return String.fromCharCode(...bytes.subarray(0, 200));
}

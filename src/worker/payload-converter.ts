/**
 * Loaded by path, into the worker's process and into the workflow sandbox. So it must not use Node built-ins.
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
 * A payload that the default converter cannot decode, or that is not JSON, becomes an {@link Undecodable}, which the schemas
 * refuse. The default converter throws instead, and an exception while a workflow task is decoded fails the task again and
 * again: one bad signal would hang the run. Encoding still throws.
 */
export const payloadConverter: PayloadConverter = {
  toPayload: (value, context, hint) => defaultPayloadConverter.toPayload(value, context, hint),
  fromPayload,
};

// The interface lets the caller choose the type.
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

/** The payload's metadata `encoding`, as text; null if there is none. */
function encodingOf(payload: Payload): string | null {
  const bytes = (payload as Payload | null | undefined)?.metadata?.['encoding'];
  if (bytes === undefined) return null;
  return String.fromCharCode(...bytes.subarray(0, 200));
}

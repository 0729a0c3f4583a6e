import { cut } from './text.js';

// Registered, so that an instance is known again in another realm; JSON cannot carry it, so no client can forge one.
const BRAND = Symbol.for('sequence-failover.undecodable');

/**
 * What a total payload converter yields for a payload that it cannot decode. A converter that throws fails the
 * workflow task for ever, whatever the workflow does; this value reaches the schemas, which refuse it.
 */
export class Undecodable {
  readonly undecodable = true;
  /** The payload's metadata `encoding`, at most 100 code points. */
  readonly encoding: string;
  /** Why it could not be decoded, at most 300 code points. */
  readonly reason: string;

  constructor(encoding: string, reason: string) {
    Object.defineProperty(this, BRAND, { value: true });
    this.encoding = cut(encoding, 100);
    this.reason = cut(reason, 300);
  }
}

/** Never throws, whatever the value. */
export function isUndecodable(value: unknown): value is Undecodable {
  try {
    return typeof value === 'object' && value !== null && BRAND in value;
  } catch {
    return false;
  }
}

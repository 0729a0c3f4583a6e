import { cut } from './text.js';

// A registered symbol, so that other realms recognize an instance. JSON has no symbols, so no client can forge one.
const BRAND = Symbol.for('sequence-failover.undecodable');

/**
 * The value that the payload converter returns for a payload that it cannot decode. If the converter threw, the workflow
 * task would fail for ever. This value reaches the schemas instead, which refuse it.
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

/** Such as `the payload could not be decoded (encoding "binary/plain"): send JSON`. */
export function undecodableProblem({ encoding }: Undecodable): string {
  return `the payload could not be decoded (encoding "${encoding}"): send JSON`;
}

/** Never throws, whatever the value. */
export function isUndecodable(value: unknown): value is Undecodable {
  try {
    return typeof value === 'object' && value !== null && BRAND in value;
  } catch {
    return false;
  }
}

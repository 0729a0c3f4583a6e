import type { Headroom } from './status.js';

/** The least headroom of several parts; of equal ones the first. Null if no part has one. */
export function leastHeadroom<H extends Pick<Headroom, 'calls'>>(all: readonly (H | null)[]): H | null {
  return all.reduce<H | null>(
    (a, b) => (a === null || (b !== null && BigInt(b.calls) < BigInt(a.calls)) ? b : a),
    null,
  );
}

/** The oldest time of several parts: the whole is only as fresh as its oldest part. Null if no part has one. */
export function earliest(all: readonly (string | null)[]): string | null {
  return all.filter((time) => time !== null).sort()[0] ?? null;
}

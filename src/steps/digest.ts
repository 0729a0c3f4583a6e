/** Stored once, since access to a global inside a workflow takes longer than the multiplication. */
const multiply = Math.imul;

/** A digest of `text` with 64 bits, as 16 hexadecimal digits. It tells names apart, but is no protection against forgery. */
export function digest(text: string): string {
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    high = multiply(high ^ unit, 0x9e3779b1);
    low = multiply(low ^ unit, 0x5f356495);
  }
  // The digests of names that differ only in the last letter must not differ by the same amount, or different sets would have the same sum.
  const mixedLow = mix(low) ^ mix(high + 0x3c6ef372);
  const mixedHigh = mix(high) ^ mix(low + 0x1b873593);
  return hex(mixedHigh) + hex(mixedLow);
}

/** One digest for a set of digests. It depends neither on their order nor on how they were summed up before. */
export function sumOfDigests(digests: readonly string[]): string {
  const sum = digests.reduce((total, one) => total + BigInt(`0x${one}`), 0n);
  return BigInt.asUintN(64, sum).toString(16).padStart(16, '0');
}

/** The finalizer of MurmurHash3. */
function mix(word: number): number {
  const first = multiply(word ^ (word >>> 16), 0x85ebca6b);
  const second = multiply(first ^ (first >>> 13), 0xc2b2ae35);
  return second ^ (second >>> 16);
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0');
}

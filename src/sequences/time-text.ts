const UNITS = [
  ['day', 86_400n],
  ['hour', 3_600n],
  ['minute', 60n],
  ['second', 1n],
] as const;

/** Longer times are not shown, in seconds. */
const LONGEST = 365n * 86_400n;

/** Whole seconds from one time in milliseconds to another, rounded down; 0 where the clocks disagree. */
export function secondsBetween(from: number, to: number): bigint {
  return BigInt(Math.max(0, Math.floor((to - from) / 1000)));
}

/** Whole seconds in words, by their two largest units and rounded down: "2 hours 5 minutes". */
export function timeText(seconds: bigint): string {
  if (seconds > LONGEST) return 'more than a year';
  const parts: string[] = [];
  let rest = seconds;
  for (const [unit, size] of UNITS) {
    const count = rest / size;
    rest %= size;
    if (count > 0n) parts.push(`${String(count)} ${unit}${count === 1n ? '' : 's'}`);
    // "1 day 3 seconds" claims more precision than there is.
    else if (parts.length > 0) break;
    if (parts.length === 2) break;
  }
  return parts.length === 0 ? 'less than a second' : parts.join(' ');
}

/** Numbers from 0 to below 1, the same for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Draws a name. One of weight 2 is drawn twice as often as one of weight 1. */
export function drawByWeight(
  choices: Readonly<Record<string, { weight: number }>>,
  random: () => number,
): string {
  const all = Object.entries(choices);
  let at = random() * all.reduce((sum, [, { weight }]) => sum + weight, 0);
  return (all.find(([, { weight }]) => (at -= weight) < 0) ?? all[0])?.[0] ?? '';
}

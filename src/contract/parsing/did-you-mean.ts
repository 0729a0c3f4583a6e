const MOST_EDITS = 2;

/** The candidate that `text` is probably a misspelling of: at most two edits away, case aside; null when none is. */
export function nearest(text: string, candidates: readonly string[]): string | null {
  if (text.length > 50) return null;
  let best: string | null = null;
  let fewest = Infinity;
  for (const candidate of candidates) {
    const edits = distance(text.toLowerCase(), candidate.toLowerCase());
    // Two edits make any short word of another one.
    if (edits <= MOST_EDITS && edits * 2 < candidate.length && edits < fewest) {
      best = candidate;
      fewest = edits;
    }
  }
  return best;
}

/** Levenshtein: how many characters to insert, delete or replace. */
function distance(from: string, to: string): number {
  const target = Array.from(to);
  let row = [0, ...target.keys()].map((_, at) => at);
  for (const [i, a] of Array.from(from).entries()) {
    const next = [i + 1];
    for (const [j, b] of target.entries()) {
      next.push(Math.min((row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1, (row[j] ?? 0) + (a === b ? 0 : 1)));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

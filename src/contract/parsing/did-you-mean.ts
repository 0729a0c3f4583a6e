const MOST_EDITS = 2;

/** The candidate that `text` probably misspells: at most two edits away, ignoring case. Null if there is none. */
export function didYouMean(text: string, candidates: readonly string[]): string | null {
  if (text.length > 50) return null;
  let best: string | null = null;
  let fewest = Infinity;
  for (const candidate of candidates) {
    const edits = distance(text.toLowerCase(), candidate.toLowerCase());
    // Short words are skipped: with two edits, any short word becomes another one.
    if (edits <= MOST_EDITS && edits * 2 < candidate.length && edits < fewest) {
      best = candidate;
      fewest = edits;
    }
  }
  return best;
}

/** The Levenshtein distance: the number of characters to insert, delete or replace. */
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

/**
 * The first items with commas between them, and the number of the others: `a, b and 3 more`.
 *
 * @param most how many are named
 * @param total how many there are, if `items` does not hold all of them
 */
export function listFirst(items: readonly string[], most: number, total = items.length): string {
  const named = items.slice(0, most);
  const others = total - named.length;
  return `${named.join(', ')}${others > 0 ? ` and ${others} more` : ''}`;
}

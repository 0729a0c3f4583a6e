import type { PromotionChange } from '../contract/promotion.js';
import { printable } from '../contract/printable.js';

/** What a promotion has changed and not undone, each with what undoes it by hand. Statements are not broken into lines, so that they can be copied. */
export function undoLines(changes: readonly PromotionChange[] = []): string[] {
  return changes.flatMap(({ where, what, undo, failure }) => {
    const place = where === 'shell' ? '' : ` on the ${where}`;
    const why = failure === null ? '' : ` (${failure})`;
    return [
      '',
      `not undone${place}: ${printable(what + why)}. By hand:`,
      ...undo.map((command) => `  ${printable(command)}`),
    ];
  });
}

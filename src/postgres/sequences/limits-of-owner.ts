import type { ColumnLimits } from './column-limits.js';

/**
 * The limits of a column that only owns the sequence. Its values come from elsewhere, mostly from nextval in an application. So a limit
 * counts only while the next value is within it, and what could not be computed is no finding.
 */
export function limitsOfOwner({ limits, ...more }: ColumnLimits): ColumnLimits {
  return {
    ...more,
    limits: limits.map((limit) =>
      limit.type === 'ranges'
        ? {
            ...{ type: 'ranges', ranges: limit.ranges, isComplete: false },
            ...(limit.byHand !== undefined && { byHand: limit.byHand }),
            ...(limit.widen !== undefined && { widen: limit.widen }),
          }
        : { ...limit, owned: true },
    ),
    notComputed: [],
  };
}

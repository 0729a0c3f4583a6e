import { z } from 'zod';
import { check } from './parsing/check.js';
import { object, word } from './parsing/fields.js';
import { paging } from './parsing/paging.js';
import { whenNeeded } from './parsing/when-needed.js';
import { parseQuery } from './messages.js';
import type { FleetOutcome, MemberReport } from './fleet-status.js';

/** The most blocks in a pair's report to its fleet, in the closing status of a fleet's run, and in the JSON of a notification. */
export const BLOCKS_NAMED = 20;
/** Limits of a pair's report to its fleet: the number of blocks, and the UTF-16 code units of a block's text. */
export const BLOCKS_DESCRIBED = 5;
export const BLOCK_TEXT = 400;

const memberReport = whenNeeded(() => {
  const count = z.number().int().min(0);
  const block = z.object({ code: z.string().max(300), sequence: z.string().max(300).nullable() });
  return z.object({
    pair: z.string(),
    gate: z.enum(['open', 'blocked']),
    counts: z.object({ total: count, applied: count, kept: count, skipped: count, failed: count }),
    minimumHeadroom: z
      .object({ sequence: z.string().max(300), calls: z.string().regex(/^-?\d{1,20}$/) })
      .nullable(),
    approvals: count,
    heldUntil: z.string().max(40).optional(),
    blockedBy: z.array(block).max(BLOCKS_NAMED),
    blockedCount: count,
    // Absent if an older worker runs the pair.
    blocks: z
      .array(block.extend({ message: z.string().max(BLOCK_TEXT), remedy: z.string().max(2 * BLOCK_TEXT) }))
      .max(BLOCKS_DESCRIBED)
      .optional(),
    refused: z
      .object({
        at: z.string().max(100),
        kind: z.string().max(600),
        by: z.string().max(600).nullable(),
        reason: z.string().max(600),
      })
      .nullable(),
    refusedCount: count,
    notifies: z.literal(true).optional(),
  });
});

/** A pair's report to its fleet. Null for anything else, because any client can send a signal with this name. */
export function parseMemberReport(args: readonly unknown[]): MemberReport | null {
  const checked = check(memberReport(), args[0], 'the report');
  return checked.ok ? checked.value : null;
}

const outcomes = [
  ...['ready', 'planned', 'verified', 'synchronized', 'handed-off'],
  ...['failed', 'rejected', 'cancelled', 'pending'],
] as FleetOutcome[];

const MOST_ROWS = 200;

const pairsQuery = object(
  {
    ...paging({ longest: 300, most: MOST_ROWS, defaultLimit: MOST_ROWS }),
    outcome: word(outcomes).optional(),
  },
  'a JSON object such as {"limit": 200}',
);

/** Checks the optional argument of the query `pairs`. Never throws. */
export function parsePairsQuery(args: readonly unknown[]) {
  return parseQuery(pairsQuery, args, '{"limit": 200, "outcome": "failed"}');
}

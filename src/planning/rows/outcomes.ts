import { OUTCOMES } from '../../contract/counts.js';
import type { Outcome } from '../../contract/status.js';

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/**
 * Packs the outcomes of many sequences, by their oids on the standby, into one or two characters each. A run carries the outcome of every
 * sequence, and with names it would not fit. The sequences are sorted by oid. For each, a number is written: four times the distance to the
 * oid before, plus the position of the outcome in the order applied, kept, skipped, failed. A number is written in groups of five bits, the
 * lowest first; 32 is added to each group but the last. A group is one digit of base64url.
 */
export function packOutcomes(rows: readonly { oid?: number; outcome: Outcome }[]): string {
  const known = rows.flatMap(({ oid, outcome }): [number, Outcome][] =>
    oid === undefined ? [] : [[oid, outcome]],
  );
  known.sort(([a], [b]) => a - b);
  let text = '';
  let before = 0;
  for (const [oid, outcome] of known) {
    let rest = (oid - before) * 4 + OUTCOMES.indexOf(outcome);
    before = oid;
    while (rest >= 32) {
      text += DIGITS.charAt(32 + (rest % 32));
      rest = Math.floor(rest / 32);
    }
    text += DIGITS.charAt(rest);
  }
  return text;
}

/** The outcomes by oid. If texts differ, the later one counts. */
export function unpackOutcomes(texts: readonly string[]): Map<number, Outcome> {
  const outcomes = new Map<number, Outcome>();
  for (const text of texts) {
    let [oid, value, weight] = [0, 0, 1];
    for (const digit of text) {
      const group = DIGITS.indexOf(digit);
      value += (group % 32) * weight;
      weight *= 32;
      if (group >= 32) continue;
      oid += Math.floor(value / 4);
      const outcome = OUTCOMES[value % 4];
      if (outcome !== undefined) outcomes.set(oid, outcome);
      [value, weight] = [0, 1];
    }
  }
  return outcomes;
}

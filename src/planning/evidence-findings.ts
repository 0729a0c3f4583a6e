import { withoutEnd } from '../contract/parsing/text.js';
import type { Finding } from '../contract/status.js';
import { quoteLiteral } from '../sequences/identifier.js';
import { block, warn } from './sequence-findings.js';
import { secondsBetween, timeText } from './time-text.js';

const aboutRun = { sequence: null, count: 1 } as const;

/** @param newest the time of the ledger's latest reading of the primary, and the present time; null if there is no reading */
export function primaryLost(why: string, newest: { at: Date; now: Date } | null): Finding {
  const readings =
    newest === null
      ? 'the ledger has no reading of it'
      : `the ledger's newest reading of it is of ${newest.at.toISOString()}, ${timeText(secondsBetween(newest.at.getTime(), newest.now.getTime()))} old`;
  return {
    ...{ severity: 'block', code: 'PRIMARY_LOST', ...aboutRun },
    message: `the primary is said to be lost, and cannot be reached: ${withoutEnd(why)}. Targets come from evidence; ${readings}`,
    remedy:
      'see to it that the primary stays away (stop its server, or cut it off from all clients), then approve with {"accept": ["PRIMARY_LOST"]}; if it comes back, reject, and start a run without "primary": "lost"',
  };
}

/** The primary was gone when the run began, and answers now. */
export function primaryBack(answer: string): Finding {
  return {
    ...{ severity: 'block', code: 'PRIMARY_BACK', ...aboutRun },
    message: `the primary, which is said to be lost, answers again: ${answer}`,
    remedy:
      'reject, and start a run without "primary": "lost", which reads it; or stop its server for good, and signal resynchronize',
  };
}

/** A run with `primary: lost` ends if the primary answers. */
export function primaryAnswers(answer: string, pair: string): string {
  return `the primary of the pair ${pair} answers, so it is not lost: ${withoutEnd(answer)}; start the run without "primary": "lost", which reads the primary itself; or, if it must not be used any more, stop its server first and start this run again`;
}

export function noEvidence(sequence: string): Finding {
  const literal = quoteLiteral(sequence);
  return block(
    'NO_EVIDENCE',
    sequence,
    `nothing says where ${sequence} stood on the primary: the ledger has no reading of it, no row on the standby has a value of it, and on the standby it was never called or set`,
    `if it was never used, accept it by its name; else find its last value, such as in an application's log, and set it past that on the standby: SELECT setval(${literal}, <last value>)`,
  );
}

/** The ledger cannot be read, so its readings are missing. */
export function ledgerUnreadable(why: string): Finding {
  return {
    ...{ severity: 'block', code: 'LEDGER_UNREADABLE', ...aboutRun },
    message: `the ledger could not be read: ${withoutEnd(why)}; only the rows on the standby, and where its sequences stand, say where the primary stood`,
    remedy:
      "let the worker's role read the ledger (GRANT USAGE ON SCHEMA sequence_failover, GRANT SELECT ON ALL TABLES IN SCHEMA sequence_failover), or bring its server back; or accept LEDGER_UNREADABLE",
  };
}

/** The ledger has the sequence on the primary, and the standby does not have it. */
export function missingByRecord(sequence: string): Finding {
  return block(
    'MISSING_ON_STANDBY',
    sequence,
    `${sequence} was on the primary when the ledger last recorded the pair, and is not on the standby`,
    `if the application needs it, create it on the standby past the last value on record: SELECT primary_next, primary_read_at FROM sequence_failover.sequences WHERE sequence = ${quoteLiteral(sequence)} AND primary_read_at IS NOT NULL ORDER BY primary_read_at DESC LIMIT 1; or accept it by its name`,
  );
}

/** There is evidence, but no measure of how far the primary went after it. */
export function weakEvidence(sequence: string, what: string): Finding {
  return warn(
    'WEAK_EVIDENCE',
    sequence,
    `${sequence}: ${what}`,
    'compare with what applications know of its last value; where that is further on, start the run again with a larger buffer for it in "overrides"',
  );
}

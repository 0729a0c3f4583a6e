import { makeFinding, sequenceFinding } from '../../findings/make-finding.js';
import { withoutEnd } from '../../contract/parsing/text.js';
import type { Finding } from '../../contract/status.js';
import type { ReceivingSubscription } from '../../steps/subscriptions.js';
import { partsOfName, quoteLiteral } from '../../sequences/identifier.js';
import { escapePattern } from '../../sequences/pattern.js';
import type { StandbySequence } from '../standby-sequence.js';
import { secondsBetween, timeText } from '../../sequences/time-text.js';

const aboutRun = { sequence: null, count: 1 } as const;

/** @param newest the time of the ledger's latest reading of the primary, and the present time; null if there is no reading */
export function primaryLost(
  why: string,
  newest: { at: Date; now: Date } | null,
  receiving: readonly ReceivingSubscription[] = [],
): Finding {
  const readings =
    newest === null
      ? 'the ledger has no reading of the primary'
      : `the newest reading of the primary in the ledger is ${timeText(secondsBetween(newest.at.getTime(), newest.now.getTime()))} old (${newest.at.toISOString()})`;
  return makeFinding('PRIMARY_LOST', {
    ...aboutRun,
    message: `this run was started with "primary": "lost", and the primary cannot be reached: ${withoutEnd(why)}. Targets are computed from evidence; ${readings}${receiving.map(stillReceives).join('')}`,
    remedy:
      'make sure that the primary stays down (stop its server, or keep all clients from reaching it), then approve with {"accept": ["PRIMARY_LOST"]}; if it comes back, reject this run and start one without "primary": "lost"',
  });
}

const stillReceives = ({ subscription, secondsAgo }: ReceivingSubscription) =>
  `. But the subscription ${subscription} of the standby received a message ${secondsAgo} ${secondsAgo === 1 ? 'second' : 'seconds'} ago: if it comes from this primary, the primary is alive, and only the worker cannot reach it`;

/** The primary could not be reached when the run began, and answers now. */
export function primaryBack(answer: string): Finding {
  return makeFinding('PRIMARY_BACK', {
    ...aboutRun,
    message: `this run was started with "primary": "lost", but the primary answers again: ${answer}`,
    remedy:
      'reject this run and start one without "primary": "lost", which reads the primary; or stop the server of the primary for good and wait for the next recheck',
  });
}

/** A run with `primary: lost` ends if the primary answers. */
export function primaryAnswers(answer: string, pair: string): string {
  return `the primary of the pair ${pair} answers, so it is not lost: ${withoutEnd(answer)}; start the run without "primary": "lost", which reads the primary itself; or, if it must not be used any more, stop its server first and start this run again`;
}

/** The primary could not be asked, because of the configuration of the worker, or because of a pooler before the primary. It may be well. */
export function primaryNotAsked({ why, remedy }: { why: string; remedy: string }): string {
  return `the primary could not be asked, which does not show that it is lost: ${withoutEnd(why)}; ${withoutEnd(remedy)}. If the primary is gone, the address of its own server is enough, since nothing answers there. Then start the run again`;
}

/** A sequence of a lost primary about whose position nothing is known. */
export function noEvidence({ sequence, reading, dataNotChecked, definition }: StandbySequence): Finding {
  const literal = quoteLiteral(sequence);
  const isRead = 'position' in reading;
  const rows =
    dataNotChecked === null
      ? 'no row on the standby has a value of it'
      : 'the rows on the standby were not checked';
  const position = isRead
    ? 'on the standby it was never called or set'
    : 'its position on the standby could not be read';
  // A position that the worker could not read may be beyond the value.
  const furthest = definition.increment > 0n ? 'greatest' : 'least';
  const statement = isRead
    ? `SELECT setval(${literal}, <last value>);`
    : `SELECT setval(${literal}, ${furthest}(<last value>, last_value)) FROM ${sequence};`;
  return sequenceFinding(
    'NO_EVIDENCE',
    sequence,
    `nothing says where ${sequence} stood on the primary: the ledger has no reading of it, ${rows}, and ${position}`,
    `if it was never used, accept it by its name; otherwise find its last value, for example in the log of an application, and on the standby set it to that value or beyond: ${statement}`,
  );
}

/** The ledger cannot be read, so its readings are missing. */
export function ledgerUnreadable({ reason, remedy }: { reason: string; remedy: string }): Finding {
  return makeFinding('LEDGER_UNREADABLE', {
    ...aboutRun,
    message: `the ledger could not be read: ${withoutEnd(reason)}; the only evidence of the primary's positions is on the standby: its rows and the positions of its sequences`,
    remedy: `${withoutEnd(remedy)}; or accept LEDGER_UNREADABLE`,
  });
}

/** Whether it is {@link ledgerUnreadable}, and not that of a fence, which has a subject. */
const isUnreadEvidence = ({ code, subject }: Pick<Finding, 'code' | 'subject'>) =>
  code === 'LEDGER_UNREADABLE' && subject === undefined;

/** The findings of a recheck, without LEDGER_UNAVAILABLE if {@link ledgerUnreadable} already stands, which says the same. */
export function withoutKnownLedger<T extends Pick<Finding, 'code' | 'subject'>>(
  known: readonly T[],
  findings: readonly T[],
): T[] {
  const isKnown = known.some(isUnreadEvidence);
  return findings.filter(({ code }) => !isKnown || code !== 'LEDGER_UNAVAILABLE');
}

/** A recheck without the primary that could not read the ledger. Its subject keeps it apart from the finding that the ledger cannot be written. */
export function ledgerNotCompared({ reason, remedy }: { reason: string; remedy: string }): Finding {
  return makeFinding('LEDGER_UNAVAILABLE', {
    ...aboutRun,
    subject: 'not compared',
    message: `the ledger could not be read: ${withoutEnd(reason)}; so increments and columns on the standby were not compared with those that the primary had`,
    remedy,
  });
}

/**
 * The ledger has the sequence on the primary, and the standby does not have it.
 *
 * @param how the statements that make it; or, where its definition is not on record, its last next value on record
 */
export function missingByRecord(
  sequence: string,
  how: { statements: string; left?: string } | { last: bigint | null; isRead: boolean },
): Finding {
  const [which, statements] =
    'statements' in how
      ? ['', `${how.statements}${how.left === undefined ? '' : ` Then, as ${how.left}`}`]
      : [
          `, with the increment and the limits that it had, which ${how.isRead ? 'are not on record' : 'could not be read from the ledger (LEDGER_UNREADABLE)'}`,
          `CREATE SEQUENCE ${sequence};${how.last === null ? '' : ` SELECT setval(${quoteLiteral(sequence)}, ${String(how.last)}, false);`}`,
        ];
  return sequenceFinding(
    'MISSING_ON_STANDBY',
    sequence,
    `${sequence} was on the primary when the ledger last recorded the pair, and is not on the standby`,
    `if the application does not need it, accept it by its name; otherwise, on the standby, as the owner of the tables or a superuser${which}: ${statements}`,
  );
}

/** The findings of pages, with one {@link ledgerUnreadable} at most, and none if the readiness check has it: it is about the run. */
export function withoutRepeated(pages: readonly Finding[], readiness: readonly Finding[]): Finding[] {
  const isAboutLedger = ({ code }: Finding) => code === 'LEDGER_UNREADABLE';
  const first = readiness.some(isAboutLedger) ? undefined : pages.find(isAboutLedger);
  return pages.filter((one) => !isAboutLedger(one) || one === first);
}

/** There is evidence, but no measure of how far the primary went after it. */
export function weakEvidence(sequence: string, what: string): Finding {
  const match = JSON.stringify(escapePattern(partsOfName(sequence).join('.')));
  return sequenceFinding(
    'WEAK_EVIDENCE',
    sequence,
    `${sequence}: ${what}`,
    `compare its target with the last value that applications know, for example from their logs; if that value is beyond the target, start the run again with a larger buffer for this sequence, such as {"overrides": [{"match": ${match}, "buffer": {"calls": "1000000"}}]}`,
  );
}

import { withoutEnd } from '../../contract/parsing/text.js';
import type { PromotionFinding } from '../../contract/promotion.js';
import { inQuotes } from '../../sequences/identifier.js';
import { writableStatement } from '../../steps/fence-statements.js';
import type { ForwardSubscription } from '../../steps/promotion-steps.js';
import { WRITABLE } from '../remedies/writable-session.js';
import { warning } from './make-promotion-finding.js';

/** What was seen of the new primary at the end, if it was not seen open. */
export type LastLook = { state: 'closed' } | { state: 'silent' | 'unread'; why: string };

export interface NewPrimary {
  database: string;
  openedAt: string | null;
  /** The subscriptions that the opening has disabled. */
  subscriptions: readonly ForwardSubscription[];
  /** How to go on with the old primary if the new one is gone for good. */
  withoutIt: string;
}

const CODE = 'NEW_PRIMARY_NOT_OPEN';

/** Such a finding of a pair, for the status of its fleet. */
export const doubtOfPair = (pair: string, findings: readonly PromotionFinding[]): PromotionFinding[] =>
  findings
    .filter(({ code }) => code === CODE)
    .map((finding) => ({ ...finding, message: `${pair}: ${finding.message}` }));

/** At the end of a promotion that has opened the standby. */
export function newPrimaryNotOpen(
  look: LastLook,
  { database, openedAt, subscriptions, withoutIt }: NewPrimary,
): PromotionFinding {
  const opened = openedAt === null ? 'the standby was opened' : `the standby was opened at ${openedAt}`;
  switch (look.state) {
    case 'silent':
      return warning(
        CODE,
        `${opened}, but did not answer at the end of the promotion: ${withoutEnd(look.why)}`,
        `bring its server back: it takes writes as soon as it runs, since the opening was committed; or, if it is gone for good, the old primary is what is left, and lacks what was written since and has not travelled back: ${withoutIt}`,
      );
    case 'closed': {
      const statements = [
        ...subscriptions.map(({ name }) => `ALTER SUBSCRIPTION ${inQuotes(name)} DISABLE`),
        writableStatement(database),
      ];
      return warning(
        CODE,
        `${opened}, but took no writes of applications at the end of the promotion: somebody has made its database read-only by default, or has enabled a subscription to the old primary`,
        `if applications are to write there, on the new primary, as the owner or a superuser: ${WRITABLE} ${statements.map((one) => `${one};`).join(' ')}`,
      );
    }
    case 'unread':
      return warning(
        CODE,
        `${opened}; whether it took writes at the end of the promotion could not be read: ${withoutEnd(look.why)}`,
        'see for yourself, on the new primary, in a new session: SHOW transaction_read_only; it is off if the new primary takes writes',
      );
  }
}

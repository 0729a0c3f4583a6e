import type { Identity, RawName } from '../../steps/identity.js';
import type { Endpoint } from '../endpoint.js';
import { classify } from '../failures/classify.js';
import { namesSql, toNames } from '../sequences/list-names.js';
import { factsSql, type ServerFacts, toServerFacts } from './server-facts.js';
import { type Subscription, subscriptionsSql, toSubscriptions } from '../replication/read-subscriptions.js';

/** What there is to know of a side before a run, as one and the same session sees it. */
export interface SideSurvey {
  facts: ServerFacts;
  /** As `listSequenceNames` has them. */
  names: RawName[];
  subscriptions: Subscription[];
  /** Logical ones, of this database. */
  slots: ReadonlySet<string>;
}

/** cannot write, and cannot begin to: read_only_sql_transaction and feature_not_supported. */
const refusals = ['25006', '0A000'];

/**
 * Two round trips, or three where the server refuses to write, besides the making of a connection: which server it is, where that is
 * to be learnt, only a new one tells.
 *
 * @returns nothing but the facts of a server that is too old to be asked for more
 */
export async function surveySide(endpoint: Endpoint, expected: Identity | null): Promise<SideSurvey> {
  try {
    return await survey(endpoint, expected, null);
  } catch (error) {
    const { sqlstate, reason } = classify(error);
    if (sqlstate === null || !refusals.includes(sqlstate)) throw error;
    return survey(endpoint, expected, reason);
  }
}

function survey(
  endpoint: Endpoint,
  expected: Identity | null,
  writesRefused: string | null,
): Promise<SideSurvey> {
  const access = writesRefused === null ? 'read write' : 'read only';
  return endpoint.transaction(
    // A few catalogs, before it is known how many locks the server has room for.
    { access, expected, locks: 0, byNewConnection: expected === null, first: [factsSql] },
    async (query, [rows = []]) => {
      const facts = { ...toServerFacts(rows), writesRefused };
      const texts = facts.unsupported === null ? [namesSql, subscriptionsSql, slotsSql] : [];
      const [names = [], subscriptions = [], slots = []] = await query.last(texts);
      return {
        facts,
        names: toNames(names),
        subscriptions: toSubscriptions(subscriptions),
        slots: new Set(slots.map(({ slot }) => slot as string)),
      };
    },
  );
}

const slotsSql = `
  SELECT slot_name AS slot FROM pg_replication_slots
  WHERE slot_type = 'logical' AND database = current_database()`;

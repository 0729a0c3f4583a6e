import type { Identity, RawName } from '../../steps/identity.js';
import type { Subscription } from '../../steps/subscriptions.js';
import type { Endpoint } from '../endpoint.js';
import { classify } from '../failures/classify.js';
import { SQLSTATE } from '../failures/sqlstate.js';
import { namesSql, toNames } from '../sequences/list-names.js';
import { factsSql, type ServerFacts, toServerFacts } from './server-facts.js';
import { subscriptionsSql, toSubscriptions } from '../replication/read-subscriptions.js';

/** The facts about one side before a run, all read in one session. */
export interface SideReading {
  facts: ServerFacts;
  /** The same names as `listSequenceNames` returns. */
  names: RawName[];
  subscriptions: Subscription[];
  /** The logical slots of this database. */
  slots: ReadonlySet<string>;
}

/** The errors of a server that refuses BEGIN READ WRITE. */
const refusals: readonly string[] = [SQLSTATE.readOnlySqlTransaction, SQLSTATE.featureNotSupported];

/**
 * Takes two round trips, or three if the server refuses to write. If it is not yet known which server this is, a new connection is made: an
 * older one might lead to a server to which the address no longer leads.
 *
 * @returns only the facts if the version of the server is not supported
 */
export async function readSide(endpoint: Endpoint, expected: Identity | null): Promise<SideReading> {
  try {
    return await readInOneTransaction(endpoint, expected, null);
  } catch (error) {
    const { sqlstate, reason } = classify(error);
    if (sqlstate === null || !refusals.includes(sqlstate)) throw error;
    return readInOneTransaction(endpoint, expected, reason);
  }
}

function readInOneTransaction(
  endpoint: Endpoint,
  expected: Identity | null,
  writesRefused: string | null,
): Promise<SideReading> {
  const access = writesRefused === null ? 'read write' : 'read only';
  return endpoint.transaction(
    // Only a few catalogs are locked, so no lock budget is needed. It is not known before this transaction.
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

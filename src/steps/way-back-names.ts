import type { Identity } from './identity.js';
import type { WayBackNames } from './promotion-steps.js';

/** How the names of the slots of all ways back begin. */
export const WAY_BACK_SLOTS = 'sequence_failover_way_back_';

/** Fixed names. The slot's name has the database's oid, since slots of all databases of a server share one namespace. */
export function wayBackNames({ databaseOid }: Identity): WayBackNames {
  return {
    publication: 'sequence_failover_way_back',
    subscription: 'sequence_failover_way_back',
    slot: `${WAY_BACK_SLOTS}${databaseOid}`,
  };
}

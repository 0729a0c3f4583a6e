import { TASK_QUEUE, WORKFLOW_TYPES } from '../../contract/names.js';
import { shellQuoted } from '../../contract/shell.js';
import { withoutEnd } from '../../contract/parsing/text.js';
import type { PromotionFinding } from '../../contract/promotion.js';
import { quoteLiteral } from '../../sequences/identifier.js';
import type { BrokenWayBack, WayBackNames } from '../../steps/promotion-steps.js';
import {
  createSubscription,
  type Publisher,
  recreateSubscription,
  slotOption,
  subscribeAnew,
} from '../remedies/create-subscription.js';
import { inWritableSession, WRITABLE } from '../remedies/writable-session.js';
import { warning } from './make-promotion-finding.js';

/** After the switch: the operator's call that moves the clients has failed. */
export function trafficNotMoved(why: string): PromotionFinding {
  return warning('TRAFFIC_NOT_MOVED', why, 'move the clients to the new primary by hand; it takes writes');
}

/** After the switch: the call that moves the clients of all pairs of a fleet has failed. */
export function trafficOfPairsNotMoved(pairs: readonly string[], why: string): PromotionFinding {
  return warning(
    'TRAFFIC_NOT_MOVED',
    why,
    `move the clients of ${pairs.join(', ')} to their new primaries by hand; these take writes`,
  );
}

/** After the switch: the subscription of the old primary could not be enabled, or no row has travelled. */
export function wayBackNotEnabled(
  { subscription, slot, publication }: WayBackNames,
  why: string,
): PromotionFinding {
  return warning(
    'WAY_BACK_NOT_ENABLED',
    why,
    `fix the cause, then on the old primary, whose sessions are read-only: ${WRITABLE} ALTER SUBSCRIPTION ${subscription} ENABLE; ` +
      `If the old primary is gone for good, drop what was prepared for it on the new one, since its slot keeps WAL until the disk is full: SELECT pg_drop_replication_slot(${quoteLiteral(slot)}); DROP PUBLICATION ${publication};`,
  );
}

/**
 * After the switch: the way back cannot be enabled any more, since its slot or its subscription is lost.
 *
 * @param publisher the new primary
 */
export function wayBackBroken(
  names: WayBackNames,
  why: string,
  left: BrokenWayBack,
  publisher: Publisher,
): PromotionFinding {
  const prepare = 'first drop what is left of the old direction, as the leftovers of this promotion say';
  const remedy = inWritableSession(`${prepare}; ${makeAnew(names, left, publisher)}`, ['standby']);
  return warning(
    'WAY_BACK_NOT_ENABLED',
    why,
    `in this remedy the standby is the old primary, and the primary is the new one: ${remedy}${remedy.endsWith(';') ? '' : '.'} ` +
      `If the old primary is gone for good, or is not to become the standby, instead on the primary: ${dropSlotIfAny(names)} DROP PUBLICATION ${names.publication};`,
  );
}

const SAVE_ROWS = 'save the rows that only the standby has, if somebody wrote there in spite of the fence';

function makeAnew(
  names: WayBackNames,
  { hasSubscription, slot, filtersByOrigin }: BrokenWayBack,
  publisher: Publisher,
): string {
  const { subscription, publication } = names;
  const keep =
    slot === 'lost'
      ? 'so that the slot is not lost again, on the primary: ALTER SYSTEM SET max_slot_wal_keep_size = -1; SELECT pg_reload_conf(); '
      : '';
  const wanted = { name: subscription, slot: names.slot, publications: [publication] };
  if (hasSubscription)
    return `${SAVE_ROWS}; ${keep}${recreateSubscription(wanted, publisher, slot === 'missing')}`;
  if (slot === 'ready') {
    // The slot has kept everything since the opening, and without the filter also earlier rows, which the old primary has.
    const filter = filtersByOrigin ? ['origin = none'] : [];
    const all = ['create_slot = false', 'copy_data = false', slotOption(names.slot), ...filter];
    return `with the words in <> filled in, on the standby: ${createSubscription(subscription, publisher, [publication], all)}`;
  }
  const freed = slot === 'lost' ? `on the primary: ${dropSlotIfAny(names)} ` : '';
  return `${SAVE_ROWS}; ${keep}${freed}${subscribeAnew(wanted, publisher)}`;
}

const dropSlotIfAny = ({ slot }: WayBackNames) =>
  `SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = ${quoteLiteral(slot)} AND database = current_database();`;

/** Why a way back that is enabled is not seen to work. https://www.postgresql.org/docs/current/logical-replication-config.html */
export function wayBackIsLate({ subscription }: WayBackNames, confirmed: string | null, lsn: string): string {
  return (
    `the old primary has confirmed ${confirmed ?? 'nothing'} of the way back, and not ${lsn}; its log says why: "logical replication apply worker for subscription ${subscription}". ` +
    `If it says that the login was refused, for example because its password was changed since the way back was prepared, on the old primary: ${WRITABLE} ALTER SUBSCRIPTION ${subscription} CONNECTION 'host=<host> port=<port> dbname=<database> user=<role with REPLICATION> password=<its password>'; ` +
    'If it has no such line, or says that there are too few workers or origins, raise these settings of the old primary, and restart it: max_logical_replication_workers, max_worker_processes, max_replication_slots, and from PostgreSQL 18 on max_active_replication_origins. Each database needs one'
  );
}

/** Starts a run that moves the sequences of the pair's standby ahead. */
export const syncCommand = (pair: string) =>
  `temporal workflow start --type ${WORKFLOW_TYPES.run} --task-queue ${TASK_QUEUE} --input ${shellQuoted(JSON.stringify({ pair, mode: 'sync' }))}`;

/** After the switch: the sequences of the old primary could not be read or set. @param pair the reversed pair */
export function oldPrimaryBehind(pair: string, why: string): PromotionFinding {
  return warning(
    'OLD_PRIMARY_BEHIND',
    `the sequences of the old primary could not be moved ahead: ${why}`,
    `before it takes over again: ${syncCommand(pair)}`,
  );
}

/** After the switch: a sequence of the old primary is not ahead. @param pair the reversed pair, whose standby is the old primary */
export function oldPrimaryNotAhead(
  pair: string,
  { message, remedy, count }: Pick<PromotionFinding, 'message' | 'remedy' | 'count'>,
): PromotionFinding {
  const what = `the old primary, which is the standby of the pair ${pair}, cannot take over again yet: ${message}`;
  const how = `in this remedy the standby is the old primary, and the primary is the new one: ${withoutEnd(inWritableSession(remedy, ['standby']))}`;
  return { ...warning('OLD_PRIMARY_BEHIND', what, `${how}; then: ${syncCommand(pair)}`), count };
}

/** After the decision of a fleet to switch: its other pairs are switched, and this one goes back. */
export function standbyNotOpened(pair: string, workflowId: string, why: string): PromotionFinding {
  const id = shellQuoted(workflowId);
  return warning(
    'STANDBY_NOT_OPENED',
    `${pair}: the standby was not opened after the fleet had decided to switch, so this pair goes back to its primary, and the other pairs stay switched: ${why}`,
    `keep the clients of ${pair} on its primary, which takes writes again, and bring the standby back: the promotion ${id} then closes it, removes the way back and ends, and the pair can be promoted alone. ` +
      `If the standby never comes back: temporal workflow terminate --workflow-id ${id}, then on the primary: ALTER SUBSCRIPTION sequence_failover_way_back SET (slot_name = NONE); DROP SUBSCRIPTION sequence_failover_way_back; SELECT slot_name FROM pg_replication_slots WHERE database = current_database(); and for each of these slots that the lost standby has used: SELECT pg_drop_replication_slot('<slot>');`,
  );
}

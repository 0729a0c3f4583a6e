import type { Identity } from '../../steps/identity.js';
import type { WayBackNames } from '../../steps/promotion-steps.js';
import { WAY_BACK_SLOTS } from '../../steps/way-back-names.js';
import type { ShortSetting } from '../../steps/way-back-room.js';
import { quoteLiteral } from '../../sequences/identifier.js';
import type { Endpoint, Row } from '../endpoint.js';
import { OID_OF_DATABASE } from '../this-database.js';

/**
 * Which settings of the server that will receive are too small. Each enabled subscription needs a worker and an origin. So does a way back of
 * another database that is prepared and not enabled yet. The subscriptions of this database do not count: they are disabled before the way back
 * is enabled. https://www.postgresql.org/docs/current/logical-replication-config.html
 *
 * Background processes of extensions are not counted, so `max_worker_processes` may be too small all the same.
 */
export function readReceiverRoom(
  endpoint: Endpoint,
  expected: Identity,
  { subscription }: WayBackNames,
): Promise<ShortSetting[]> {
  return readShort(
    endpoint,
    expected,
    `WITH others AS (
       SELECT count(*)::int AS subscriptions FROM pg_subscription
       WHERE subdbid <> ${OID_OF_DATABASE} AND (subenabled OR subname = ${quoteLiteral(subscription)})
     ), mine AS (
       SELECT count(*)::int AS origins FROM pg_subscription
       WHERE subdbid = ${OID_OF_DATABASE} AND subname = ${quoteLiteral(subscription)}
     ), need (setting, needed) AS (
       SELECT 'max_logical_replication_workers', subscriptions + 1 FROM others
       -- The launcher of these workers is such a process, too.
       UNION ALL SELECT 'max_worker_processes', subscriptions + 2 FROM others
       UNION ALL SELECT CASE WHEN current_setting('max_active_replication_origins', true) IS NULL
           THEN 'max_replication_slots' ELSE 'max_active_replication_origins' END,
         -- Each subscription has one. Before PostgreSQL 14 not every role may read which.
         (SELECT count(*)::int FROM pg_replication_origin) - origins + 1 FROM mine
     )`,
  );
}

/**
 * Which settings of the server that will send are too small. Each slot counts, and each connected receiver; of the slots without a receiver those of
 * other ways back.
 */
export function readSenderRoom(
  endpoint: Endpoint,
  expected: Identity,
  { slot }: WayBackNames,
): Promise<ShortSetting[]> {
  return readShort(
    endpoint,
    expected,
    `WITH others AS (
       SELECT slot_name, active FROM pg_replication_slots WHERE slot_name <> ${quoteLiteral(slot)} AND NOT temporary
     ), need (setting, needed) AS (
       SELECT 'max_replication_slots', (SELECT count(*)::int + 1 FROM others)
       UNION ALL SELECT 'max_wal_senders',
         (SELECT count(*)::int FROM pg_stat_replication WHERE state IS DISTINCT FROM 'backup'
            AND pid NOT IN (SELECT active_pid FROM pg_replication_slots WHERE active_pid IS NOT NULL AND slot_name = ${quoteLiteral(slot)}))
         + (SELECT count(*)::int FROM others WHERE NOT active AND left(slot_name, ${WAY_BACK_SLOTS.length}) = ${quoteLiteral(WAY_BACK_SLOTS)}) + 1
     )`,
  );
}

async function readShort(endpoint: Endpoint, expected: Identity, need: string): Promise<ShortSetting[]> {
  const [rows = []] = await endpoint.read<ShortSetting & Row>({ expected, locks: 0 }, [
    `${need}
     SELECT setting, value, needed FROM (SELECT setting, current_setting(setting)::int AS value, needed FROM need) AS all_settings
     WHERE needed > value ORDER BY setting`,
  ]);
  return rows;
}

import { quoteIdentifier, quoteLiteral } from '../../sequences/identifier.js';

/** The address by which a worker reaches the publisher. */
export interface Publisher {
  host: string;
  port: number;
  database: string;
}

/**
 * The statement that subscribes to the primary. The login is a placeholder, since no history has it.
 *
 * @param publications null if they are not known
 * @param options those of WITH, such as `copy_data = false`
 */
export function createSubscription(
  name: string,
  { host, port, database }: Publisher,
  publications: readonly string[] | null,
  options: readonly string[] = [],
): string {
  const connection = `host=${value(host)} port=${port} dbname=${value(database)} user=<role with REPLICATION> password=<its password>`;
  const published =
    publications === null || publications.length === 0
      ? '<one of the primary’s: SELECT pubname FROM pg_publication>'
      : publications.map(quoteIdentifier).join(', ');
  const having = options.length === 0 ? '' : ` WITH (${options.join(', ')})`;
  return `CREATE SUBSCRIPTION ${quoteIdentifier(name)} CONNECTION ${quoteLiteral(connection)} PUBLICATION ${published}${having};`;
}

/** How a standby without a subscription gets one. Its tables may have rows, such as those of an old primary that comes back. */
export const subscribeFirst = (publisher: Publisher): string =>
  `on the standby, with the words in <> filled in: ${createSubscription('sequence_failover', publisher, null)} ` +
  'It copies all rows of the primary: before it, save the rows that only the standby has, and empty its tables; or, if the standby has every row and nobody writes to the primary meanwhile, add WITH (copy_data = false)';

/**
 * How to replace a subscription that cannot go on by one that copies all rows anew.
 *
 * @param lacksSlot the slot does not exist: DROP SUBSCRIPTION would fail to drop it
 */
export function recreateSubscription(
  { name, slot, publications }: { name: string; slot: string | null; publications: readonly string[] },
  publisher: Publisher,
  lacksSlot: boolean,
): string {
  const quoted = quoteIdentifier(name);
  const empty = emptyTables(name);
  // All in one: if it refuses, the subscription stays, and CREATE SUBSCRIPTION fails because of its name.
  const statements = lacksSlot
    ? [
        `DO $remedy$ BEGIN ${unlessPrimary} ALTER SUBSCRIPTION ${quoted} DISABLE; ALTER SUBSCRIPTION ${quoted} SET (slot_name = NONE); ${empty} DROP SUBSCRIPTION ${quoted}; END $remedy$;`,
      ]
    : [`DO $remedy$ BEGIN ${empty} END $remedy$;`, `DROP SUBSCRIPTION ${quoted};`];
  // All databases of a server share the names of its slots. Without this option, the slot has the name of the subscription.
  const options = slot === null || slot === name ? [] : [slotOption(slot)];
  statements.push(createSubscription(name, publisher, publications, options));
  return (
    `note its connection and options, as a superuser on the standby: SELECT * FROM pg_subscription WHERE ${isNamed(name)}; ` +
    `then, with the words in <> filled in, on the standby: ${statements.join(' ')} this empties its tables there and copies all rows again`
  );
}

/**
 * How to create a subscription that copies all rows, on a standby that has them already. It receives nothing before its tables are empty.
 *
 * @param slot which is created with it
 */
export function subscribeAnew(
  { name, slot, publications }: { name: string; slot: string; publications: readonly string[] },
  publisher: Publisher,
): string {
  const statements = [
    createSubscription(name, publisher, publications, ['enabled = false', slotOption(slot)]),
    `DO $remedy$ BEGIN ${emptyTables(name)} END $remedy$;`,
    `ALTER SUBSCRIPTION ${quoteIdentifier(name)} ENABLE;`,
  ];
  return `with the words in <> filled in, on the standby: ${statements.join(' ')} this empties its tables there and copies all rows again`;
}

const isNamed = (subscription: string) =>
  `subname = ${quoteLiteral(subscription)} AND subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())`;

/** A statement of PL/pgSQL. */
const emptyTables = (subscription: string) =>
  `EXECUTE (SELECT coalesce('TRUNCATE ' || string_agg(srrelid::regclass::text, ', '), 'SELECT 1') FROM pg_subscription_rel` +
  ` JOIN pg_subscription s ON s.oid = srsubid JOIN pg_class c ON c.oid = srrelid AND c.relkind <> 'S' WHERE ${isNamed(subscription)});`;

/** The option of a subscription that names its slot. */
export const slotOption = (slot: string): string => `slot_name = ${quoteLiteral(slot)}`;

/** A standby that was promoted has the slot of the way back. Nobody may empty its tables by mistake. */
const unlessPrimary =
  "IF EXISTS (SELECT FROM pg_replication_slots WHERE database = current_database()) THEN RAISE EXCEPTION 'nothing was changed: this database has the replication slots %, so it may be the primary; if it is not, drop them first', (SELECT string_agg(slot_name, ', ' ORDER BY slot_name) FROM pg_replication_slots WHERE database = current_database()); END IF;";

/** https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-KEYWORD-VALUE */
function value(text: string): string {
  return /^[\w./:-]+$/u.test(text) ? text : `'${text.replace(/[\\']/gu, '\\$&')}'`;
}

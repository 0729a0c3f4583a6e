import { quoteIdentifier, quoteLiteral } from '../sequences/identifier.js';

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
 */
export function createSubscription(
  name: string,
  { host, port, database }: Publisher,
  publications: readonly string[] | null,
): string {
  const connection = `host=${value(host)} port=${port} dbname=${value(database)} user=<role with REPLICATION> password=<its password>`;
  const published =
    publications === null || publications.length === 0
      ? '<one of the primary’s: SELECT pubname FROM pg_publication>'
      : publications.map(quoteIdentifier).join(', ');
  return `CREATE SUBSCRIPTION ${quoteIdentifier(name)} CONNECTION ${quoteLiteral(connection)} PUBLICATION ${published};`;
}

/** https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-KEYWORD-VALUE */
function value(text: string): string {
  return /^[\w./:-]+$/u.test(text) ? text : `'${text.replace(/[\\']/gu, '\\$&')}'`;
}

import { serverJson, type PairIdentity } from '../steps/identity.js';

/**
 * The condition that a run was on a database of the pair, on either side: another installation's pair may have the same name.
 *
 * @param parameter the statement's parameter for {@link databasesOf}, such as `$3`
 */
export function onSameDatabases(parameter: string): string {
  return `(primary_server @> ANY (${parameter}::jsonb[]) OR standby_server @> ANY (${parameter}::jsonb[]))`;
}

/** The value of the parameter of {@link onSameDatabases}. */
export function databasesOf({ primary, standby }: PairIdentity): string[] {
  return [primary, standby].map(serverJson);
}

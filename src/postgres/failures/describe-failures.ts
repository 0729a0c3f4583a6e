import type { Identity } from '../../steps/identity.js';
import { CATALOG_LOCKS, type Endpoint } from '../endpoint.js';
import { classify } from './classify.js';
import { type DescribedFailure, describeFailure } from './describe-failure.js';
import type { Failure } from './narrow-down-failures.js';
import { SQLSTATE } from './sqlstate.js';

/** Functions that the work on sequences needs. PUBLIC may execute them, unless somebody has revoked that. */
const FUNCTIONS = [
  ...['setval', 'pg_sequence_last_value', 'pg_get_sequence_data', 'ts_stat', 'array_to_tsvector'],
  ...['pg_logical_emit_message', 'txid_current_if_assigned'],
];

/**
 * Describes the failures of some sequences, by their oids. If the role may not execute a function that the work needs, the remedies grant it.
 *
 * @throws the errors of the server and the connection
 */
export async function describeFailures(
  endpoint: Endpoint,
  expected: Identity,
  failures: ReadonlyMap<number, Failure>,
): Promise<Map<number, DescribedFailure>> {
  const grants = await functionGrants(endpoint, expected, failures.values());
  const { side } = endpoint;
  return new Map(
    [...failures].map(([oid, failure]) => {
      const described = describeFailure(failure, side);
      const isLacking = grants !== null && isForbidden(failure);
      return [oid, isLacking ? { ...described, remedy: `on the ${side}, ${grants}` } : described];
    }),
  );
}

/**
 * The statement that grants the role the functions that it may not execute; null if it may execute all, or if none of these failures is
 * about a privilege. The message of the server does not help: it is in the server's language, and has no arguments of the function.
 */
async function functionGrants(
  endpoint: Endpoint,
  expected: Identity,
  failures: Iterable<Failure>,
): Promise<string | null> {
  if (![...failures].some(isForbidden)) return null;
  const [[found] = []] = await endpoint.read<{ role: string; functions: string[] }>(
    { expected, locks: CATALOG_LOCKS },
    [
      `SELECT quote_ident(current_user) AS role, coalesce(json_agg(p.oid::regprocedure::text ORDER BY p.oid::regprocedure::text), '[]') AS functions
       FROM pg_proc p
       WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.proname = ANY ('{${FUNCTIONS.join(',')}}'::name[])
         AND NOT has_function_privilege(p.oid, 'EXECUTE')`,
    ],
  );
  if (found === undefined || found.functions.length === 0) return null;
  const { role, functions } = found;
  return `as a superuser: ${functions.map((name) => `GRANT EXECUTE ON FUNCTION ${name} TO ${role};`).join(' ')}`;
}

function isForbidden({ error }: Failure): boolean {
  return classify(error).sqlstate === SQLSTATE.insufficientPrivilege;
}

import type { Identity } from '../../steps/identity.js';
import type { SequencePublication } from '../../steps/subscriptions.js';
import { textArray } from '../array-literal.js';
import type { Endpoint, Row } from '../endpoint.js';

/**
 * The publications among `names` that publish sequences. A publication can do that from PostgreSQL 19 on, and only for all sequences; the
 * columns puballsequences and pg_publication_rel.prexcept show it. Needs no privilege.
 */
export async function readSequencePublications(
  primary: Endpoint,
  expected: Identity | null,
  names: readonly string[],
): Promise<SequencePublication[]> {
  if (names.length === 0) return [];
  const [rows = []] = await primary.read<SequencePublication & Row>({ expected, locks: 0 }, [
    `SELECT pubname AS name, puballtables AS "allTables", coalesce((
              SELECT json_agg(format('%I.%I', nspname, relname) ORDER BY nspname, relname)
              FROM pg_publication_rel AS member JOIN pg_class ON pg_class.oid = prrelid
              JOIN pg_namespace ON pg_namespace.oid = relnamespace
              WHERE prpubid = publication.oid AND to_jsonb(member) ->> 'prexcept' = 'true'), '[]') AS except
       FROM pg_publication AS publication
       WHERE pubname = ANY (${textArray(names)}) AND to_jsonb(publication) ->> 'puballsequences' = 'true'
       ORDER BY pubname`,
  ]);
  return rows;
}

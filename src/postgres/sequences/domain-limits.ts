import type { Identity } from '../../steps/identity.js';
import { qualifiedName } from '../../sequences/identifier.js';
import { oidArray } from '../array-literal.js';
import { CATALOG_LOCKS, type Endpoint } from '../endpoint.js';

/** The domain of a column, or a domain that it is based on. */
export interface Domain {
  /** schema.name, quoted where any version needs it. */
  name: string;
  /** pg_type.oid of the type that it is based on, and the type modifier. */
  base: number;
  mod: number;
  checks: { name: string; definition: string }[];
}

/** The chain of domains of each type, by the oid of the type. Reading the constraint of a domain locks no table. */
export async function readDomains(
  endpoint: Endpoint,
  expected: Identity,
  types: readonly number[],
): Promise<Map<number, Domain[]>> {
  const found = new Map<number, Domain[]>();
  if (types.length === 0) return found;
  const [rows = []] = await endpoint.read<DomainRow>({ expected, locks: CATALOG_LOCKS }, [
    domainsSql([...new Set(types)]),
  ]);
  for (const row of rows) {
    const declared = Number(row.declared);
    const { schema, type, mod, checks } = row;
    const domain = { name: qualifiedName(schema, type), base: Number(row.base), mod, checks: checks ?? [] };
    found.set(declared, [...(found.get(declared) ?? []), domain]);
  }
  return found;
}

interface DomainRow extends Record<string, unknown> {
  declared: string;
  schema: string;
  type: string;
  base: string;
  mod: number;
  checks: Domain['checks'] | null;
}

const domainsSql = (types: readonly number[]) => `
  WITH RECURSIVE domain AS (
    SELECT t.oid AS declared, t.oid, t.typname, t.typnamespace, t.typbasetype, t.typtypmod
    FROM pg_type t WHERE t.oid = ANY (${oidArray(types)}) AND t.typtype = 'd'
    UNION ALL
    SELECT d.declared, t.oid, t.typname, t.typnamespace, t.typbasetype, t.typtypmod
    FROM domain d CROSS JOIN LATERAL (
      SELECT t.oid, t.typname, t.typnamespace, t.typbasetype, t.typtypmod -- before PostgreSQL 12 * has no oid
      FROM pg_type t WHERE t.oid = d.typbasetype AND t.typtype = 'd' OFFSET 0
    ) t
  )
  SELECT d.declared::int8, n.nspname AS schema, d.typname AS type, d.typbasetype::int8 AS base, d.typtypmod AS mod, k.checks
  FROM domain d JOIN pg_namespace n ON n.oid = d.typnamespace
  CROSS JOIN LATERAL (
    SELECT json_agg(json_build_object('name', k.conname, 'definition', pg_get_constraintdef(k.oid)) ORDER BY k.conname) AS checks
    FROM pg_constraint k WHERE k.contypid = d.oid AND k.contype = 'c'
  ) k`;

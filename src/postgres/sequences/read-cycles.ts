import type { Identity } from '../../steps/identity.js';
import type { Definition } from '../../sequences/sequence.js';
import { oidArray } from '../array-literal.js';
import { CATALOG_LOCKS, type Endpoint } from '../endpoint.js';
import { type DefinitionColumns, sharedDefinitions } from './definition-rows.js';

/**
 * The definitions of those of the given sequences that have CYCLE, by oid.
 *
 * @throws errors that are not about a single sequence, such as a lost connection
 */
export async function readCycles(
  endpoint: Endpoint,
  expected: Identity,
  oids: readonly number[],
): Promise<Map<number, Definition>> {
  if (oids.length === 0) return new Map();
  const [rows = []] = await endpoint.read<CycleRow>({ expected, locks: CATALOG_LOCKS }, [cyclesSql(oids)]);
  const definitionOf = sharedDefinitions();
  return new Map(rows.map((row) => [Number(row.oid), definitionOf(row)]));
}

interface CycleRow extends DefinitionColumns, Record<string, unknown> {
  oid: string;
}

const cyclesSql = (oids: readonly number[]) => `
  SELECT w.oid::int8, s.seqincrement, s.seqmin, s.seqmax, s.seqcache, s.seqcycle, s.seqstart
  FROM unnest(${oidArray(oids)}) w (oid)
  CROSS JOIN LATERAL (SELECT s.* FROM pg_sequence s WHERE s.seqrelid = w.oid AND s.seqcycle OFFSET 0) s`;

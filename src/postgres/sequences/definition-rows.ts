import type { Definition } from '../../sequences/sequence.js';

/** The columns of pg_sequence that define a sequence; bigint arrives as decimal strings. */
export interface DefinitionColumns {
  seqincrement: string;
  seqmin: string;
  seqmax: string;
  seqcache: string;
  seqcycle: boolean;
  seqstart: string;
}

/** Most sequences have the same definition, so equal definitions share one object. Otherwise they would take most of the memory of a page. */
export function sharedDefinitions(): (row: DefinitionColumns) => Definition {
  const made = new Map<string, Definition>();
  return ({ seqincrement, seqmin, seqmax, seqcache, seqcycle, seqstart }) => {
    const key = `${seqincrement} ${seqmin} ${seqmax} ${seqcache} ${String(seqcycle)} ${seqstart}`;
    const known = made.get(key);
    if (known !== undefined) return known;
    const definition: Definition = {
      increment: BigInt(seqincrement),
      min: BigInt(seqmin),
      max: BigInt(seqmax),
      cache: BigInt(seqcache),
      cycle: seqcycle,
      start: BigInt(seqstart),
    };
    made.set(key, definition);
    return definition;
  };
}

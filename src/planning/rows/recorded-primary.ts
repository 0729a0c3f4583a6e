import type { SequenceOrigin } from '../../steps/columns.js';
import type { RecordedDefinition } from '../../steps/evidence.js';
import type { PresumedPrimary } from '../../steps/rows.js';
import { parseDefinition } from '../../sequences/definition-text.js';
import type { Definition } from '../../sequences/sequence.js';
import { fedColumns, recordedDefault } from '../remedies/default-on-primary.js';
import type { StandbySequence } from '../standby-sequence.js';

/** The definitions on record, by the names of the sequences. */
export type RecordedDefinitions = ReadonlyMap<string, RecordedDefinition>;

/**
 * A sequence of a primary that cannot be asked. Its definition is presumed to be that of the standby, with the increment that the ledger has.
 */
export function presumedPrimary(
  standby: Pick<StandbySequence, 'schema' | 'name' | 'sequence' | 'definition'>,
  recorded: RecordedDefinition | undefined,
): PresumedPrimary {
  const { schema, name, sequence } = standby;
  const { increment, min, max, cache, cycle, start } = presumedDefinition(standby.definition, recorded);
  const primary: PresumedPrimary = {
    ...{ schema, name, sequence, increment: String(increment) },
    ...{ min: String(min), max: String(max), cache: String(cache) },
  };
  if (cycle) primary.cycle = true;
  if (start !== undefined) primary.start = String(start);
  return primary;
}

function presumedDefinition(standby: Definition, recorded: RecordedDefinition | undefined): Definition {
  if (recorded === undefined) return standby;
  const definition = parseDefinition(recorded.definition);
  return definition.increment === standby.increment ? standby : definition;
}

/** What the ledger knows of a sequence of the primary beyond its definition. It has no owners and no grants. */
export function recordedOrigin(recorded: RecordedDefinition): SequenceOrigin {
  const { type, start } = parseDefinition(recorded.definition);
  return {
    ...{
      type,
      start: String(start),
      ownedBy: null,
      owner: '',
      grants: [],
      schemaOwner: null,
      schemaUsers: [],
    },
    feeds: new Map(fedColumns(recorded).map((column) => [column, recordedDefault(recorded, column)])),
  };
}

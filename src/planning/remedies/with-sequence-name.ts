import { partsOfName, quoteIdentifier } from '../../sequences/identifier.js';

/** Fills the name of the sequence into a remedy that was written for an error in general. */
export function withSequenceName(remedy: string, sequence: string): string {
  const [schema = ''] = partsOfName(sequence);
  return remedy
    .replaceAll('<sequence>', () => sequence)
    .replaceAll('<schema>', () => quoteIdentifier(schema));
}

import { partsOfName, quoteIdentifier } from '../sequences/identifier.js';

/** A remedy that came from an error alone, with the sequence that it met filled in. */
export function aboutSequence(remedy: string, sequence: string): string {
  const [schema = ''] = partsOfName(sequence);
  return remedy
    .replaceAll('<sequence>', () => sequence)
    .replaceAll('<schema>', () => quoteIdentifier(schema));
}

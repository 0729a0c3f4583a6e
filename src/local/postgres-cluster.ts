import { execFile } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { copyTemplate } from './cluster-template.js';
import { mayEnter, type OsUser } from './os-user.js';
import type { PostgresBinaries } from './postgres-binaries.js';
import type { Lease } from './reaper.js';
import { describeEnding, startProcess } from './server-process.js';

const run = promisify(execFile);

export interface ClusterOptions {
  /** Used in folder names and error messages, such as `primary`. */
  readonly name: string;
  /** Server settings by name, with unquoted values. They take precedence over the defaults of this module. */
  readonly settings?: Readonly<Record<string, string>>;
  /** The language of the server's messages, such as `de`. Default: English. The server's package must have the translation. */
  readonly language?: string;
  /** The content of pg_hba.conf. Default: SCRAM passwords for all users, from this machine only. */
  readonly hba?: string;
}

/** Fast instead of durable, with enough replication slots and workers for many tests on one pair of servers. */
const defaults = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  wal_level: 'logical',
  max_wal_senders: '40',
  max_replication_slots: '40',
  max_worker_processes: '48',
  max_logical_replication_workers: '40',
  // How soon a subscription's workers are restarted, and how often they report the confirmed position.
  wal_retrieve_retry_interval: '250ms',
  wal_receiver_status_interval: '1s',
  wal_writer_delay: '10ms',
  fsync: 'off',
  full_page_writes: 'off',
  // Use files in the data directory, because /dev/shm is small in containers, and SIGKILL would leave files there.
  dynamic_shared_memory_type: 'mmap',
  timezone: 'UTC',
  log_line_prefix: '%m [%p] %q%d ',
} as const;

/** A data directory, and the user that it belongs to. */
export interface Cluster {
  readonly binaries: PostgresBinaries;
  readonly lease: Lease;
  readonly dataDirectory: string;
  readonly log: string;
  readonly password: string;
}

/**
 * Creates the data directory with initdb if it does not exist, makes the server's user its owner, and writes the settings.
 *
 * @throws Error with the end of the log if initdb fails, and Error if the server's user may not enter the directory
 */
export async function initializeCluster(options: ClusterOptions, cluster: Cluster): Promise<void> {
  const { binaries, lease, dataDirectory } = cluster;
  const { user } = binaries;
  if (user) chownSync(lease.folder, user.uid, user.gid);
  if (!existsSync(join(dataDirectory, 'PG_VERSION'))) {
    mkdirSync(dataDirectory, { recursive: true });
    requireEntry(options.name, dataDirectory, user);
    if (user) chownSync(dataDirectory, user.uid, user.gid);
    const create = (directory: string) => runInitdb(options, { ...cluster, dataDirectory: directory });
    if (!(await copyTemplate({ ...options, ...cluster }, create))) await create(dataDirectory);
  } else if (user) {
    requireEntry(options.name, dataDirectory, user);
    // A copy made by root belongs to root, but PostgreSQL requires that its user owns the directory.
    await run('chown', ['-R', `${user.uid}:${user.gid}`, dataDirectory]);
  }
  chmodSync(dataDirectory, 0o700);
  const settings = Object.entries({ ...defaults, ...options.settings });
  const lines = settings.map(([name, value]) => `${name} = '${value.replaceAll("'", "''")}'\n`);
  appendFileSync(join(dataDirectory, 'postgresql.conf'), `\n${lines.join('')}`);
  if (options.hba !== undefined) writeFileSync(join(dataDirectory, 'pg_hba.conf'), options.hba);
}

/** Older versions do not have the option that names them. */
const SETTINGS_OF_INITDB = [
  // An initdb that is killed would leave files in /dev/shm.
  'dynamic_shared_memory_type=mmap',
  // By default a login costs a millisecond of processor time, for passwords that people choose. These are random, and for this machine only.
  'scram_iterations=1',
];

/** @throws Error with the end of the log */
async function runInitdb(
  { name, language }: ClusterOptions,
  { binaries, lease, dataDirectory, log, password }: Cluster,
): Promise<void> {
  const { user } = binaries;
  const passwordFile = join(lease.folder, 'password');
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (user) chownSync(passwordFile, user.uid, user.gid);
  const initdb = await startProcess({
    lease,
    command: join(binaries.directory, 'initdb'),
    args: [
      ...['--pgdata', dataDirectory, '--username', 'postgres', '--pwfile', passwordFile],
      ...['--auth', 'scram-sha-256', '--encoding', 'UTF8', '--no-sync', ...locale(binaries.majorVersion)],
      ...(binaries.majorVersion >= 16 ? SETTINGS_OF_INITDB.flatMap((setting) => ['--set', setting]) : []),
    ],
    log,
    stopSignal: 'SIGTERM',
    user,
    env: serverEnvironment(language),
  });
  const ending = await initdb.wait();
  rmSync(passwordFile);
  if (ending.code !== 0) {
    throw new Error(`initdb of PostgreSQL ${name} ${describeEnding(ending)}:\n${initdb.logTail()}`);
  }
}

function requireEntry(name: string, dataDirectory: string, user: OsUser | undefined): void {
  if (!user || mayEnter(dirname(dataDirectory), user)) return;
  throw new Error(
    `PostgreSQL ${name} runs as the operating system user postgres, which may not enter ${dirname(dataDirectory)}. ` +
      'Choose a data directory that all may reach (chmod o+x on its parents), or run as an ordinary user.',
  );
}

/** From version 17 on, PostgreSQL has its own C.UTF-8. Older versions need that of the operating system. */
function locale(majorVersion: number): string[] {
  return majorVersion >= 17
    ? ['--locale', 'C', '--locale-provider', 'builtin', '--builtin-locale', 'C.UTF-8']
    : ['--locale', 'C.UTF-8'];
}

/** The environment without the caller's PG* variables. Messages are in English by default, because the retry for a used port parses them. */
export function serverEnvironment(language?: string): NodeJS.ProcessEnv {
  const messages =
    language === undefined ? { LC_MESSAGES: 'C' } : { LC_MESSAGES: 'C.UTF-8', LANGUAGE: language };
  return { PATH: process.env['PATH'], TZ: 'UTC', ...messages };
}

/** The trimmed lines of postmaster.pid; empty if there is no such file. */
export function postmasterFile(dataDirectory: string): string[] {
  const path = join(dataDirectory, 'postmaster.pid');
  let lines: string[];
  try {
    lines = readFileSync(path, 'utf8').split('\n');
  } catch (error) {
    // A server that starts after a crash replaces the file.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  return lines.map((line) => line.trim());
}

/** Removes the System V shared memory segment that SIGKILL leaves in the kernel. The remaining postmaster.pid has its number. */
export async function removeSharedMemory(dataDirectory: string): Promise<void> {
  const segment = postmasterFile(dataDirectory)[6]?.split(/\s+/)[1];
  // A server that ended by itself has removed it.
  if (segment !== undefined) await run('ipcrm', ['-m', segment]).catch(() => undefined);
}

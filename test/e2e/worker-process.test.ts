import { spawn } from 'node:child_process';
import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTemporal } from '../../src/local/temporal-server.js';
import type { TemporalServer } from '../../src/local/temporal-server.js';
import { until } from '../../src/local/until.js';

const main = path.resolve(import.meta.dirname, '../../dist/src/worker/main.js');
// Nothing listens at port 1: both databases are down.
const databases = {
  PRIMARY_URL: 'postgresql://app:planted-secret@127.0.0.1:1/app',
  STANDBY_URL: 'postgresql://app:planted-secret@127.0.0.1:1/app2',
};

interface Process {
  output: () => string;
  signal: (name: NodeJS.Signals) => void;
  exit: Promise<number | null>;
}

function startWorker(env: Record<string, string>): Process {
  const child = spawn(process.execPath, [main], {
    env: { PATH: process.env['PATH'], HOME: '/nonexistent', ...env },
  });
  let output = '';
  child.stdout.on('data', (data: Buffer) => (output += data.toString()));
  child.stderr.on('data', (data: Buffer) => (output += data.toString()));
  return {
    output: () => output,
    signal: (name) => child.kill(name),
    exit: new Promise((resolve) => child.on('close', resolve)),
  };
}

it('names all that is wrong with its settings and exits as misconfigured', async () => {
  const worker = startWorker({ PRIMARY_URL: 'planted-secret', SHUTDOWN_GRACE: '10' });
  expect(await worker.exit).toBe(78);
  expect(worker.output()).toMatch(
    /has 3 problems:\n {2}PRIMARY_URL: .*\n {2}STANDBY_URL: .*\n {2}SHUTDOWN_GRACE: /,
  );
  expect(worker.output()).not.toContain('planted-secret');
});

it('exits when the way to Temporal cannot work', async () => {
  const worker = startWorker({ ...databases, TEMPORAL_ADDRESS: 'http//nowhere' });
  expect(await worker.exit).toBe(1);
  expect(worker.output()).toMatch(/"level":"fatal".*Temporal at http\/\/nowhere cannot be used/);
});

describe('with a Temporal server', () => {
  let temporal: TemporalServer;
  beforeAll(async () => {
    temporal = await startTemporal();
  });
  afterAll(async () => {
    await temporal.stop();
  });

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'works while both databases are down, and stops on %s',
    async (signal) => {
      const worker = startWorker({ ...databases, TEMPORAL_ADDRESS: temporal.address });
      const connection = await Connection.connect({ address: temporal.address });
      try {
        const run = await new Client({ connection }).workflow.start('sequenceFailover', {
          taskQueue: 'sequence-failover',
          workflowId: `refused-${signal}`,
          args: [{ pair: 'unknown' }],
        });
        await expect(run.result()).rejects.toMatchObject({ cause: { type: 'InvalidInput' } });
      } finally {
        await connection.close();
      }
      await until(() => worker.output().includes('the connections to the databases are checked'), {
        interval: 20,
        what: 'the check of the connections',
      });
      worker.signal(signal);
      expect(await worker.exit).toBe(0);
      const lines = worker.output().trim().split('\n');
      const entries = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
      expect(entries.filter(({ msg }) => msg === 'the database cannot be reached')).toMatchObject([
        { level: 'warn', pair: 'default', host: '127.0.0.1', port: 1 },
        { level: 'warn', pair: 'default', host: '127.0.0.1', port: 1 },
      ]);
      expect(entries.at(-1)).toMatchObject({ level: 'info', msg: 'the worker has stopped' });
      expect(worker.output()).not.toContain('planted-secret');
    },
  );
});

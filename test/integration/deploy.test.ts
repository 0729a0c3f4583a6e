import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { expect, it } from 'vitest';

const root = path.resolve(import.meta.dirname, '../..');
const runs = (command: string) => spawnSync(command, ['--version']).status === 0;

function expectDone(command: string, args: string[]): void {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: root, encoding: 'utf8' });
  expect({ status, output: status === 0 ? '' : stdout + stderr }).toEqual({ status: 0, output: '' });
}

it.skipIf(!runs('promtool'))('each alert begins and ends when it should (needs promtool on the PATH)', () => {
  expectDone('promtool', ['check', 'rules', 'deploy/prometheus-rules.yml']);
  expectDone('promtool', ['test', 'rules', 'test/integration/prometheus-rules.yml']);
});

it.skipIf(!runs('systemd-analyze'))('systemd takes the unit of the worker (needs systemd-analyze)', () => {
  // It ends with 0 on a name that it does not know, and says so.
  const { status, stderr } = spawnSync(
    'systemd-analyze',
    ['verify', '--man=no', 'deploy/sequence-failover.service'],
    { cwd: root, encoding: 'utf8' },
  );
  expect(stderr).not.toContain('sequence-failover.service');
  expect(status).toBe(0);
});

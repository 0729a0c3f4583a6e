import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';

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

it.skipIf(!runs('promtool'))('each query of the dashboard is PromQL (needs promtool on the PATH)', () => {
  const { panels } = JSON.parse(readFileSync(path.join(root, 'deploy/grafana-dashboard.json'), 'utf8')) as {
    panels: { targets: { expr: string }[] }[];
  };
  // What Grafana writes for its variables.
  const filled = (expr: string) => expr.replaceAll('$__rate_interval', '5m').replaceAll(/\$\w+/gu, '.*');
  const rules = panels
    .flatMap(({ targets }) => targets)
    .map(({ expr }, at) => ({ record: `query_${at}`, expr: filled(expr) }));
  expect(rules.length).toBeGreaterThan(10);
  const folder = mkdtempSync(path.join(tmpdir(), 'dashboard-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true });
  });
  const file = path.join(folder, 'rules.yml');
  // JSON is YAML too.
  writeFileSync(file, JSON.stringify({ groups: [{ name: 'dashboard', rules }] }));
  expectDone('promtool', ['check', 'rules', file]);
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

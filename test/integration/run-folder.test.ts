import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { keepFile, removeAtEnd } from '../run-folder.js';

it('removes the folder of a run when the last of its processes has stopped its servers', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'run-'));
  writeFileSync(join(folder, 'left-behind'), '');
  const session = join(folder, 'sequence-failover-1');
  mkdirSync(session);
  writeFileSync(join(session, 'reaper.sh'), '');

  let isRemoved = false;
  const removed = removeAtEnd(folder)().then(() => {
    isRemoved = true;
  });
  await delay(100);
  expect({ isRemoved, exists: existsSync(session) }).toEqual({ isRemoved: false, exists: true });

  rmSync(session, { recursive: true });
  await removed;
  expect(existsSync(folder)).toBe(false);
});

it('keeps what is needed after the run outside of its folder', () => {
  const run = tmpdir();
  expect(basename(run)).toMatch(/^sequence-failover-tests-/);

  const file = keepFile('history.json', '{}');
  onTestFinished(() => {
    rmSync(dirname(file), { recursive: true });
  });
  expect(file.startsWith(run)).toBe(false);
  expect(readFileSync(file, 'utf8')).toBe('{}');
});

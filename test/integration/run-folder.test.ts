import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { removeAtEnd } from '../run-folder.js';

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

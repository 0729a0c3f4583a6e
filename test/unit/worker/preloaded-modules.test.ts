import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { preloadedModules } from '../../../src/worker/preloaded-modules.js';

const sources = path.resolve(import.meta.dirname, '../../../src');

/** The place of a schema of zod that can be reached without a call; null: there is none. */
function schemaIn(value: unknown, place: string, seen = new Set<unknown>()): string | null {
  if (value === null || typeof value !== 'object' || seen.has(value)) return null;
  seen.add(value);
  if ('_zod' in value) return place;
  for (const [name, inner] of Object.entries(value)) {
    const found = schemaIn(inner, `${place}.${name}`, seen);
    if (found !== null) return found;
  }
  return null;
}

it('leaves the exports of every module with schemas to zod, which completes a schema at its first use', async () => {
  const lines = preloadedModules(sources, sources).trimEnd().split('\n');
  const frozenDeeply = lines.filter((line) => !line.startsWith('Object.freeze('));
  expect(lines.length).toBeGreaterThan(frozenDeeply.length);
  expect(frozenDeeply.length).toBeGreaterThan(0);
  for (const line of frozenDeeply) {
    const file = JSON.parse(/"[^"]+"/u.exec(line)?.[0] ?? '') as string;
    expect(schemaIn({ ...((await import(file)) as object) }, file)).toBeNull();
  }
});

it('knows modules of the sources only, and none that an earlier build has left', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'preloaded-modules-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true });
  });
  for (const room of ['contract', 'findings', 'planning', 'sequences', 'steps'])
    mkdirSync(path.join(folder, 'src', room), { recursive: true });
  mkdirSync(path.join(folder, 'src/planning/pair'));
  writeFileSync(path.join(folder, 'src/planning/pair/one.ts'), '');
  expect(preloadedModules(path.join(folder, 'src'), '/built')).toBe(
    'require("/built/planning/pair/one.js");\n',
  );
});

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { copyTemplate, releaseTemplate, TEMPLATES } from '../../../src/local/cluster-template.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cluster-template-'));
  mkdirSync(join(folder, 'templates'));
  vi.stubEnv(TEMPLATES, join(folder, 'templates'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

/** Makes the cluster, of which the file `identity` stands for the system identifier that initdb gives. */
async function cluster(name: string, password = 'one'): Promise<{ directory: string; identity: string }> {
  const directory = join(folder, name);
  mkdirSync(directory);
  const binaries = { version: '18.4', user: undefined };
  await copyTemplate({ name: 'primary', dataDirectory: directory, password, binaries }, (made) => {
    writeFileSync(join(made, 'identity'), `${password}, first made for ${name}`);
    return Promise.resolve();
  });
  return { directory, identity: readFileSync(join(directory, 'identity'), 'utf8') };
}

it('gives clusters that exist at the same time different identities', async () => {
  const [first, second] = [await cluster('a'), await cluster('b')];
  expect([first.identity, second.identity]).toEqual(['one, first made for a', 'one, first made for b']);
  for (const { directory } of [first, second]) releaseTemplate(directory);
});

it('copies the template of a cluster that was removed, and not one with another password', async () => {
  const first = await cluster('c');
  releaseTemplate(first.directory);
  const [again, other] = [await cluster('d'), await cluster('e', 'two')];
  expect([again.identity, other.identity]).toEqual(['one, first made for c', 'two, first made for e']);
  for (const { directory } of [again, other]) releaseTemplate(directory);
});

it('leaves a cluster with messages in another language to an initdb of its own', async () => {
  const wanted = { name: 'primary', language: 'de', dataDirectory: join(folder, 'f'), password: 'one' };
  const isCopied = await copyTemplate({ ...wanted, binaries: { version: '18.4', user: undefined } }, () =>
    Promise.reject(new Error('not to be called')),
  );
  expect(isCopied).toBe(false);
});

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { readConfiguration } from '../../../src/config/configuration.js';

const read = (file: string) => readFileSync(path.resolve(import.meta.dirname, '../../..', file), 'utf8');

interface Compose {
  services: { worker: { environment: Record<string, string> } };
}
const { environment } = (parse(read('docker-compose.yml'), { merge: true }) as Compose).services.worker;

/** The servers of docker-compose.yml go by their URLs and PGPASSWORD. The codec server is no part of it. */
const elsewhere = ['PRIMARY_HOST', 'STANDBY_HOST', 'POSTGRES_PASSWORD', 'CODEC_PORT', 'CODEC_ORIGINS'];

it('docker-compose.yml passes every setting of .env.example to the worker', () => {
  const settings = [...read('.env.example').matchAll(/^(?:# )?([A-Z][A-Z_]+)=/gmu)].map(
    ([, name = '']) => name,
  );
  expect(settings).toContain('NOTIFY_URL');
  const passed = Object.keys(environment).filter((name) => name !== 'PGPASSWORD');
  expect(passed.sort()).toEqual(settings.filter((name) => !elsewhere.includes(name)).sort());
  for (const [name, value] of Object.entries(environment)) {
    if (name !== 'HEALTH_PORT' && name !== 'PGPASSWORD')
      expect(value).toMatch(new RegExp(`^\\$\\{${name}:-`, 'u'));
  }
});

it('and a worker takes what it passes where .env has only a password', () => {
  const values = Object.entries(environment).map(([name, value]) => [
    name,
    value.replace(/\$\{[A-Z_]+:-(.*)\}/u, '$1').replace(/\$\{POSTGRES_PASSWORD:.*\}/u, 'x'),
  ]);
  const { pairs, temporal, health } = readConfiguration(Object.fromEntries(values) as Record<string, string>);
  expect(pairs.pairNames()).toEqual(['default']);
  expect(temporal).toMatchObject({ address: 'temporal:7233', namespace: 'default' });
  expect(health).toMatchObject({ port: 8080 });
});

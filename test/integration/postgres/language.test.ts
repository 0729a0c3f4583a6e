import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PostgresServer, startPostgres } from '../../../src/local/postgres-server.js';
import { classify } from '../../../src/postgres/failures/classify.js';
import { openEndpoint } from '../../../src/postgres/session/open-endpoint.js';

const binaries = '/usr/lib/postgresql/15/bin';
/** Debian's package has it; npm's packages have no translations. */
const isTranslated = existsSync('/usr/share/locale/de/LC_MESSAGES/postgres-15.mo') && existsSync(binaries);

describe.runIf(isTranslated)('a server that speaks another language', () => {
  let server: PostgresServer;
  let client: Client;
  beforeAll(async () => {
    server = await startPostgres({ name: 'german', language: 'de', binaries });
    client = new Client({ connectionString: server.url() });
    await client.connect();
    await client.query(`
      CREATE ROLE "Der Arbeiter" LOGIN PASSWORD 'x' CONNECTION LIMIT 0`);
    await client.query('CREATE DATABASE "Zu" ALLOW_CONNECTIONS false');
    await client.query('CREATE DATABASE "Voll" CONNECTION LIMIT 0');
  });
  afterAll(async () => {
    await client.end().catch(() => undefined);
    await server.stop();
  });

  const failureAt = async (url: string, texts: string[] = []) => {
    const endpoint = openEndpoint('standby', url, { env: {} });
    try {
      const reading = endpoint.transaction(
        { access: 'read write', expected: null, locks: 0 },
        async (query) => {
          for (const text of texts) await query(text);
        },
      );
      return classify(
        await reading.then(
          () => null,
          (error: unknown) => error,
        ),
      );
    } finally {
      await endpoint.close();
    }
  };

  it('has its errors distinguished as in English', async () => {
    expect(await failureAt(server.url(), ['SELECT 1 / 0'])).toMatchObject({
      reason: 'Division durch Null (SQLSTATE 22012)',
    });
    expect(await failureAt(server.url('Zu'))).toMatchObject({
      ...{ sqlstate: '55000', scope: 'connection', retryable: false },
      remedy: expect.stringContaining("Check the database in the side's URL") as string,
    });
    expect(await failureAt(server.url('postgres', 'Der Arbeiter', 'x'))).toMatchObject({
      ...{ sqlstate: '53300', retryable: true },
      remedy: expect.stringContaining('ALTER ROLE "Der Arbeiter" CONNECTION LIMIT 4;') as string,
    });
    await client.query(`ALTER ROLE "Der Arbeiter" CONNECTION LIMIT -1`);
    expect(await failureAt(server.url('Voll', 'Der Arbeiter', 'x'))).toMatchObject({
      ...{ sqlstate: '53300', retryable: true },
      remedy: expect.stringContaining('ALTER DATABASE "Voll" CONNECTION LIMIT -1;') as string,
    });
  });

  it('is known as a physical standby', async () => {
    await client.end();
    await server.halt();
    writeFileSync(join(server.dataDirectory, 'standby.signal'), '');
    await server.start();
    expect(await failureAt(server.url())).toMatchObject({
      ...{ sqlstate: '0A000', scope: 'connection', retryable: false },
      reason: expect.stringContaining('Wiederherstellung') as string,
      remedy: expect.stringContaining('Connect to a server that accepts writes') as string,
    });
  });
});

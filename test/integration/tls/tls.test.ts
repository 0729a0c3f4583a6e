import { readFileSync } from 'node:fs';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { startPair, type PostgresPair } from '../../../src/local/postgres-pair.js';
import { startPostgres, type PostgresServer } from '../../../src/local/postgres-server.js';
import { until } from '../../../src/local/until.js';
import type { Endpoint, Side } from '../../../src/postgres/endpoint.js';
import { classify } from '../../../src/postgres/failures/classify.js';
import { openEndpoint } from '../../../src/postgres/session/open-endpoint.js';
import { Authority, hasOpenssl, type Certificate } from './certificates.js';

const sides = ['primary', 'standby'] as const;

/** TLS for everybody, by password or, for the role `certified`, by a certificate of its own. */
const hba = `hostssl all certified 127.0.0.1/32 cert
hostssl all all 127.0.0.1/32 scram-sha-256
`;

// Made with the openssl program, which Node has no counterpart of.
describe.runIf(hasOpenssl())('over TLS', () => {
  let ours: Authority;
  let foreign: Authority;
  let client: Certificate;
  let pair: PostgresPair;

  beforeAll(async () => {
    ours = await Authority.create('the authority');
    foreign = await Authority.create('another authority');
    client = ours.issue('certified');
    const { certificate, key } = ours.issue('server', { alternativeNames: 'IP:127.0.0.1' });
    pair = await startPair({
      both: {
        hba,
        settings: {
          ssl: 'on',
          ssl_cert_file: certificate,
          ssl_key_file: key,
          ssl_ca_file: ours.certificate,
          log_connections: 'on',
        },
      },
    });
    for (const side of sides) {
      const admin = new pg.Client({ ...plain(pair[side]), ssl: { rejectUnauthorized: false } });
      await admin.connect();
      await admin.query('CREATE ROLE certified LOGIN').finally(() => admin.end());
    }
  });
  afterAll(async () => {
    await pair.stop();
    await Promise.all([ours.remove(), foreign.remove()]);
  });

  /** With these parameters in the URL, to 127.0.0.1 unless it is another name for that. */
  function open(
    side: Side & keyof PostgresPair,
    parameters: Record<string, string>,
    url = new URL(pair[side].url()),
  ): Endpoint {
    url.search = new URLSearchParams(parameters).toString();
    const endpoint = openEndpoint(side, url.href, { env: { HOME: '/nonexistent' } });
    onTestFinished(() => endpoint.close());
    return endpoint;
  }

  describe.each(sides)('to the %s', (side) => {
    it('verifies the server by its authority and name, and logs in by SCRAM', async () => {
      const endpoint = open(side, { sslmode: 'verify-full', sslrootcert: ours.certificate });
      expect(await sessionOf(endpoint)).toMatchObject({ user: 'postgres', tls: true, version: 'TLSv1.3' });
      // The server logs the method since PostgreSQL 14; that it wants no other is in its pg_hba.conf.
      await logged(
        pair[side],
        /connection (authenticated: identity="postgres" method=scram-sha-256|authorized: user=postgres)/,
      );
      await logged(pair[side], /connection authorized: .*SSL enabled/);
    });

    it('binds SCRAM to the TLS channel where the URL asks for it', async () => {
      const endpoint = open(side, {
        sslmode: 'verify-full',
        sslrootcert: ours.certificate,
        channel_binding: 'prefer',
      });
      expect(await sessionOf(endpoint)).toMatchObject({ user: 'postgres', tls: true });
    });

    it('logs in by a certificate, without a password', async () => {
      const url = new URL(pair[side].url());
      url.username = 'certified';
      url.password = '';
      const { certificate: sslcert, key: sslkey } = client;
      const endpoint = open(
        side,
        { sslmode: 'verify-full', sslrootcert: ours.certificate, sslcert, sslkey },
        url,
      );
      expect(await sessionOf(endpoint)).toMatchObject({ user: 'certified', tls: true });
      await logged(
        pair[side],
        /connection (authenticated: identity="CN=certified" method=cert|authorized: user=certified)/,
      );
    });

    it('refuses a certificate of another authority, for good', async () => {
      const endpoint = open(side, { sslmode: 'verify-full', sslrootcert: foreign.certificate });
      expect(await refusal(endpoint)).toEqual({
        retryable: false,
        scope: 'connection',
        sqlstate: null,
        reason: expect.stringMatching(
          new RegExp(
            `^The connection to the ${side} at 127\\.0\\.0\\.1:${pair[side].port}/postgres cannot be made: .*certificate`,
          ),
        ) as string,
        remedy: expect.stringContaining('sslrootcert') as string,
      });
    });

    it("refuses a certificate of another name, which verify-ca doesn't look at", async () => {
      const url = new URL(pair[side].url());
      url.hostname = 'localhost';
      const trust = { sslrootcert: ours.certificate };
      expect(await refusal(open(side, { sslmode: 'verify-full', ...trust }, url))).toMatchObject({
        retryable: false,
        reason: expect.stringContaining("localhost. is not cert's CN") as string,
        remedy: expect.stringContaining('sslmode') as string,
      });
      expect(await sessionOf(open(side, { sslmode: 'verify-ca', ...trust }, url))).toMatchObject({
        tls: true,
      });
    });

    it('is refused without TLS, and finds it by itself where the URL leaves it open', async () => {
      expect(await refusal(open(side, { sslmode: 'disable' }))).toMatchObject({
        retryable: false,
        sqlstate: '28000',
        reason: expect.stringMatching(/no encryption|SSL off/) as string,
        remedy: expect.stringContaining('pg_hba.conf') as string,
      });
      expect(await sessionOf(open(side, { sslmode: 'allow' }))).toMatchObject({ tls: true });
      expect(await sessionOf(open(side, {}))).toMatchObject({ tls: true });
    });

    it('refuses a wrong password, for good, and does not show it', async () => {
      const url = new URL(pair[side].url());
      url.password = 'wr%40ng%2Fpassword';
      const found = await refusal(open(side, { sslmode: 'verify-full', sslrootcert: ours.certificate }, url));
      expect(found).toMatchObject({ retryable: false, sqlstate: '28P01' });
      expect(JSON.stringify(found)).not.toMatch(/wr(@|%40)ng/);
    });
  });

  it('refuses a certificate that has expired', async () => {
    const { certificate, key } = ours.issue('expired', { alternativeNames: 'IP:127.0.0.1', days: -1 });
    const server = pair.standby;
    const admin = new pg.Client({ ...plain(server), ssl: { rejectUnauthorized: false } });
    await admin.connect();
    onTestFinished(() => admin.end());
    await admin.query(`ALTER SYSTEM SET ssl_cert_file = ${pg.escapeLiteral(certificate)}`);
    await admin.query(`ALTER SYSTEM SET ssl_key_file = ${pg.escapeLiteral(key)}`);
    await admin.query('SELECT pg_reload_conf()');
    const trust = { sslmode: 'verify-full', sslrootcert: ours.certificate };
    const expired = await until(
      () =>
        sessionOf(open('standby', trust)).then(
          () => undefined,
          (error: unknown) => classify(error),
        ),
      { what: 'the server to show its other certificate' },
    );
    expect(expired).toMatchObject({
      retryable: false,
      reason: expect.stringContaining('certificate has expired') as string,
    });
  });
});

it('keeps passwords as SCRAM-SHA-256 verifiers only', async () => {
  const server = await startPostgres({ name: 'scram' });
  onTestFinished(() => server.stop());
  const admin = new pg.Client(server.url());
  await admin.connect();
  onTestFinished(() => admin.end());
  const { rows } = await admin.query(
    "SELECT rolpassword LIKE 'SCRAM-SHA-256$%' AS scram FROM pg_authid WHERE rolname = 'postgres'",
  );
  expect(rows).toEqual([{ scram: true }]);
});

function plain({ host, port, password }: PostgresServer): pg.ClientConfig {
  return { host, port, password, user: 'postgres', database: 'postgres' };
}

async function sessionOf(endpoint: Endpoint): Promise<object | undefined> {
  const [session] = await endpoint.transaction({ access: 'read write', expected: null, locks: 0 }, (query) =>
    query(
      'SELECT session_user::text AS "user", ssl AS tls, version FROM pg_stat_ssl WHERE pid = pg_backend_pid()',
    ),
  );
  return session;
}

/** What the failure to use it means. */
async function refusal(endpoint: Endpoint) {
  try {
    await sessionOf(endpoint);
  } catch (error) {
    return classify(error);
  }
  throw new Error('it was not refused');
}

async function logged(server: PostgresServer, line: RegExp): Promise<void> {
  await until(() => line.test(readFileSync(server.log, 'utf8')), {
    what: `${String(line)} in the log of the ${server.name}`,
  });
}

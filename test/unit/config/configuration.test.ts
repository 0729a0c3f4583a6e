import { inspect } from 'node:util';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConfiguration } from '../../../src/config/configuration.js';
import { UnknownPairError } from '../../../src/config/pairs.js';
import type { PairConfiguration } from '../../../src/config/pairs.js';
import { ConfigurationError } from '../../../src/config/problems.js';

const urls = { PRIMARY_URL: 'postgresql://a:pw1@db1/app', STANDBY_URL: 'postgres://a:pw2@db2:5433/app' };
// Keeps the reader's own Temporal profile out of the tests.
const noProfile = { HOME: '/nonexistent', XDG_CONFIG_HOME: '/nonexistent' };

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'configuration-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function read(variables: Record<string, string>): ReturnType<typeof readConfiguration> {
  return readConfiguration({ ...noProfile, ...variables });
}

function pairsFile(text: string): string {
  const file = path.join(folder, `${String(Math.random())}.yaml`);
  writeFileSync(file, text);
  return file;
}

function revealed({ primary, standby, ledger }: PairConfiguration) {
  return {
    primary: primary.reveal(),
    standby: standby.reveal(),
    ledger: typeof ledger === 'string' ? ledger : ledger.reveal(),
  };
}

function problems(variables: Record<string, string>): Record<string, string[]> {
  try {
    read(variables);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    const bySetting: Record<string, string[]> = {};
    for (const { setting, message } of error.problems) (bySetting[setting] ??= []).push(message);
    return bySetting;
  }
  throw new Error('the configuration was accepted');
}

describe('the pair default', () => {
  it('is made of PRIMARY_URL and STANDBY_URL, everything else having a default', () => {
    const { pairs, temporal, ...rest } = read(urls);
    expect(pairs.pairNames()).toEqual(['default']);
    expect(revealed(pairs.resolve('default'))).toEqual({
      primary: urls.PRIMARY_URL,
      standby: urls.STANDBY_URL,
      ledger: 'standby',
    });
    expect(temporal).toMatchObject({ address: 'localhost:7233', namespace: 'default' });
    expect(rest).toEqual({
      defaultBuffer: { preset: 'low' },
      versioning: null,
      logLevel: 'info',
      shutdownGraceMs: 10_000,
      ledgerKeepMs: 30 * 86_400_000,
      encryption: { current: null, others: [] },
      metrics: null,
      health: null,
      notify: null,
      tracing: { state: 'off' },
    });
  });

  it('is made of the older names, the password holding any character', () => {
    const { pairs } = read({
      PRIMARY_HOST: 'db.example.com',
      STANDBY_HOST: '2001:db8::1',
      POSTGRES_PASSWORD: 'p@ss/w%rd #?',
    });
    expect(revealed(pairs.resolve('default'))).toEqual({
      primary: 'postgresql://postgres:p%40ss%2Fw%25rd%20%23%3F@db.example.com:5432/postgres',
      standby: 'postgresql://postgres:p%40ss%2Fw%25rd%20%23%3F@[2001:db8::1]:5432/postgres',
      ledger: 'standby',
    });
  });

  it('cannot be described in both ways', () => {
    expect(problems({ ...urls, PRIMARY_HOST: 'db1' })).toEqual({
      'PRIMARY_URL, STANDBY_URL, PRIMARY_HOST': [
        'the pair default is described twice: keep PRIMARY_URL and STANDBY_URL, or PRIMARY_HOST and STANDBY_HOST',
      ],
    });
  });
});

describe('the pairs file', () => {
  it('adds pairs, with variables inside values and a ledger of its own', () => {
    const { pairs } = read({
      ...urls,
      ORDERS_PASSWORD: 'a@b/c',
      ORDERS_HOST: 'db3:5444',
      ORDERS_STANDBY: 'postgresql://x:1%40@db4/orders',
      LEDGER_URL: 'postgresql://l@db6/ledger',
      PAIRS_FILE: pairsFile(`
pairs:
  orders:
    primary: { url: "postgresql://app:\${ORDERS_PASSWORD}@\${ORDERS_HOST}/orders" }
    standby: { url: "\${ORDERS_STANDBY}" }
    ledger: { url: postgresql://l@db5/ledger }
`),
    });
    expect(pairs.pairNames()).toEqual(['default', 'orders']);
    expect(revealed(pairs.resolve('orders'))).toEqual({
      primary: 'postgresql://app:a%40b%2Fc@db3:5444/orders',
      standby: 'postgresql://x:1%40@db4/orders',
      ledger: 'postgresql://l@db5/ledger',
    });
    expect(revealed(pairs.resolve('default')).ledger).toBe('postgresql://l@db6/ledger');
  });

  it('encodes what a variable puts into a URL for the place where it stands', () => {
    const { pairs } = read({
      PASSWORD: 'a@b/c&host=elsewhere#',
      DATABASE: 'my db/?',
      HOST: 'db3:5444',
      PARAMETERS: 'sslmode=disable&connect_timeout=3',
      PAIRS_FILE: pairsFile(`
pairs:
  orders:
    primary: { url: "postgresql://app@\${HOST}/\${DATABASE}?password=\${PASSWORD}&\${PARAMETERS}" }
    standby: { url: "postgresql://app:\${PASSWORD}@\${HOST}?dbname=\${DATABASE}&application_name=a" }
`),
    });
    expect(revealed(pairs.resolve('orders'))).toMatchObject({
      primary:
        'postgresql://app@db3:5444/my%20db%2F%3F?password=a%40b%2Fc%26host%3Delsewhere%23&sslmode=disable&connect_timeout=3',
      standby:
        'postgresql://app:a%40b%2Fc%26host%3Delsewhere%23@db3:5444?dbname=my%20db%2F%3F&application_name=a',
    });
  });

  it('keeps pairs that are named like a member of every object', () => {
    const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];
    const pair = '{ primary: { url: postgresql://a/b }, standby: { url: postgresql://c/d } }';
    const { pairs } = read({
      PAIRS_FILE: pairsFile(`pairs:\n${names.map((name) => `  ${name}: ${pair}\n`).join('')}`),
    });
    expect(pairs.pairNames()).toEqual(names);
    for (const name of names) expect(revealed(pairs.resolve(name)).primary).toBe('postgresql://a/b');
    expect(() => pairs.resolve('valueOf')).toThrow(/knows no pair/);
  });

  it('cannot describe the pair default again', () => {
    const file = pairsFile(
      'pairs: {default: {primary: {url: postgres://a/b}, standby: {url: postgres://c/d}}}',
    );
    expect(problems({ ...urls, PAIRS_FILE: file })).toEqual({
      PAIRS_FILE: [
        `the pair default is described twice: in ${file} and by PRIMARY_URL, STANDBY_URL; keep one of them`,
      ],
    });
  });

  it('is refused with the path of every mistake, and no value', () => {
    const file = pairsFile(`
pairs:
  orders: { primary: { url: "postgresql://a:\${NOT_SET}@b/\${1}" }, standby: { url: "mysql://u:hidden@x" } }
  users: { primary: { url: "postgresql://a:hid/den@b/c" }, standby: { url: postgres://d } }
`);
    expect(problems({ PAIRS_FILE: file })).toEqual({
      [`PAIRS_FILE ${file}, pairs.orders.primary.url`]: [
        'the environment variable NOT_SET is not set',
        'a reference is written ${NAME}, with a closing brace and without a default',
      ],
      [`PAIRS_FILE ${file}, pairs.orders.standby.url`]: [
        expect.stringContaining('it has to look like postgresql://user:password@host:5432/database'),
      ],
      [`PAIRS_FILE ${file}, pairs.users.primary.url`]: [
        expect.stringContaining('in a password write @ as %40, / as %2F'),
      ],
    });
  });

  it('is refused when a key is unknown, missing or of another type', () => {
    const file = pairsFile(
      'pairs: {a: {primary: {url: x, user: y}, replica: {url: z}, standby: 5}}\nother: 1\n',
    );
    expect(problems({ PAIRS_FILE: file })).toEqual({
      [`PAIRS_FILE ${file}`]: ['unrecognized key: "other"'],
      [`PAIRS_FILE ${file}, pairs.a`]: ['unrecognized key: "replica"'],
      [`PAIRS_FILE ${file}, pairs.a.primary`]: ['unrecognized key: "user"'],
      [`PAIRS_FILE ${file}, pairs.a.standby`]: ['invalid input: expected object, received number'],
    });
  });

  it.each([
    ['pairs:\n  a: "postgresql://u:hidden@h\n  b: [', /is not valid YAML at line 3 \(/],
    ['pairs: {a: *hidden}', /is not valid YAML \(an alias cannot be resolved\)/],
    ['', /invalid input: expected object/],
    ['pairs: {}', /name at least one pair/],
    ['pairs: {a: 1, a: 2}', /is not valid YAML at line 1 \(DUPLICATE_KEY\)/],
  ])('that is no pairs file (%j) is refused without quoting it', (text, expected) => {
    const found = JSON.stringify(problems({ PAIRS_FILE: pairsFile(text) }));
    expect(found).toMatch(expected);
    expect(found).not.toContain('hidden');
  });

  it('that does not exist is named', () => {
    expect(problems({ PAIRS_FILE: '/nonexistent/pairs.yaml' })).toEqual({
      PAIRS_FILE: ['/nonexistent/pairs.yaml cannot be read (ENOENT)'],
    });
  });
});

describe('other settings', () => {
  it.each([
    ['time-critical', { preset: 'time-critical' }],
    ['0', { calls: '0' }],
    ['0010000', { calls: '0010000' }],
    ['9223372036854775807', { calls: '9223372036854775807' }],
  ])('SEQUENCE_BUFFER %s', (text, expected) => {
    expect(read({ ...urls, SEQUENCE_BUFFER: text }).defaultBuffer).toEqual(expected);
  });

  it('are read', () => {
    const { pairs, temporal, ...rest } = read({
      ...urls,
      LEDGER: 'off',
      WORKER_BUILD_ID: '1.4.0',
      LOG_LEVEL: 'DEBUG',
      SHUTDOWN_GRACE: '1.5 minutes',
      LEDGER_KEEP: '7 days',
      TEMPORAL_ADDRESS: 'temporal.example.com:7233',
      TEMPORAL_NAMESPACE: 'ops',
      TEMPORAL_API_KEY: 'hidden',
    });
    expect(pairs.resolve('default').ledger).toBe('off');
    expect(temporal).toMatchObject({ address: 'temporal.example.com:7233', namespace: 'ops' });
    expect(temporal.connection.reveal()).toMatchObject({
      address: 'temporal.example.com:7233',
      apiKey: 'hidden',
      tls: true,
    });
    expect(rest).toEqual({
      defaultBuffer: { preset: 'low' },
      versioning: { deploymentName: 'sequence-failover', buildId: '1.4.0' },
      logLevel: 'debug',
      shutdownGraceMs: 90_000,
      ledgerKeepMs: 7 * 86_400_000,
      encryption: { current: null, others: [] },
      metrics: null,
      health: null,
      notify: null,
      tracing: { state: 'off' },
    });
  });

  it('are taken from the standard Temporal profile', () => {
    const file = path.join(folder, 'temporal.toml');
    writeFileSync(file, '[profile.prod]\naddress = "t:1"\nnamespace = "n"\n');
    const { temporal } = read({ ...urls, TEMPORAL_CONFIG_FILE: file, TEMPORAL_PROFILE: 'prod' });
    expect(temporal).toMatchObject({ address: 't:1', namespace: 'n' });
    expect(problems({ ...urls, TEMPORAL_CONFIG_FILE: file, TEMPORAL_PROFILE: 'other' })).toEqual({
      TEMPORAL_PROFILE: [
        'the configuration file has no profile other; temporal config list prints those that it has',
      ],
    });
  });
});

it('names all problems at once, and no secret', () => {
  const wrong = {
    PRIMARY_HOST: 'db1:5433',
    SEQUENCE_BUFFER: 'plenty',
    LEDGER_URL: 'http://u:hidden@x',
    LEDGER: 'on',
    WORKER_DEPLOYMENT_NAME: 'a.b',
    LOG_LEVEL: 'loud',
    SHUTDOWN_GRACE: '30',
    TEMPORAL_CONFIG_FILE: '/nonexistent/temporal.toml',
    PAIRS_FILE: '/nonexistent/pairs.yaml',
    STANDBY_HOST: '',
  };
  expect(Object.keys(problems(wrong)).sort()).toEqual([
    'LEDGER',
    'LEDGER_URL',
    'LOG_LEVEL',
    'PAIRS_FILE',
    'POSTGRES_PASSWORD',
    'PRIMARY_HOST',
    'SEQUENCE_BUFFER',
    'SHUTDOWN_GRACE',
    'STANDBY_HOST',
    'TEMPORAL_CONFIG_FILE',
    'WORKER_BUILD_ID',
    'WORKER_DEPLOYMENT_NAME',
  ]);
  expect(() => read(wrong)).toThrow(/has 12 problems:\n {2}LEDGER: /);
  expect(() => read(wrong)).not.toThrow(/hidden/);
});

it('names what is needed when nothing is set', () => {
  expect(Object.keys(problems({}))).toEqual(['PRIMARY_URL', 'STANDBY_URL']);
});

it('shows no secret when it is printed', () => {
  const configuration = read({ ...urls, LEDGER_URL: 'postgresql://l:pw3@x/y', TEMPORAL_API_KEY: 'pw4' });
  const lines: string[] = [];
  pino({}, { write: (line: string) => lines.push(line) }).info({ configuration }, 'read');
  const pair = configuration.pairs.resolve('default');
  const printed = [
    inspect(configuration, { depth: 20, showHidden: true }),
    inspect(pair, { depth: 20, showHidden: true }),
    JSON.stringify([configuration, pair]),
    `${String(pair.primary)} ${String(configuration.temporal.connection)}`,
    ...lines,
  ].join('\n');
  expect(printed).not.toMatch(/pw\d/);
  expect(printed).toContain('[secret]');
});

it('refuses an unknown pair, naming those it knows', () => {
  const { pairs } = read(urls);
  expect(() => pairs.resolve('Default')).toThrow(UnknownPairError);
  expect(() => pairs.resolve('__proto__')).toThrow(
    'This worker knows no pair "__proto__". It knows: default. Correct `pair`, or add the pair to the PAIRS_FILE',
  );
});

describe('tracing', () => {
  const tracing = (variables: Record<string, string>) => read({ ...urls, ...variables }).tracing;
  const OTEL_EXPORTER_OTLP_ENDPOINT = 'http://collector:4318';

  it('is on if an endpoint is set, unless it is switched off', () => {
    expect(tracing({ OTEL_SERVICE_NAME: 'x' })).toEqual({ state: 'off' });
    expect(tracing({ OTEL_EXPORTER_OTLP_ENDPOINT })).toEqual({ state: 'on', protocol: 'http/protobuf' });
    const OTEL_EXPORTER_OTLP_TRACES_ENDPOINT = 'https://collector/v1/traces';
    expect(tracing({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' })).toEqual(
      {
        ...{ state: 'on', protocol: 'http/json' },
      },
    );
    for (const off of [{ OTEL_SDK_DISABLED: 'TRUE' }, { OTEL_TRACES_EXPORTER: 'none' }]) {
      expect(tracing({ OTEL_EXPORTER_OTLP_ENDPOINT, ...off })).toEqual({ state: 'off' });
    }
  });

  it.each([
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' },
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://user:hidden@collector:4318' },
    { OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
    { OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_TRACES_EXPORTER: 'console' },
  ])('is not refused with %o, but not exported either, and the reason is named', (variables) => {
    const result = tracing(variables);
    const [setting = ''] = Object.keys(variables).reverse();
    expect(result).toEqual({ state: 'unusable', reason: expect.stringMatching(`^${setting}: `) as string });
    expect(JSON.stringify(result)).not.toContain('hidden');
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changedEndpoint } from '../../../src/postgres/changed-endpoint.js';
import type { Endpoint } from '../../../src/postgres/endpoint.js';
import { listSequenceNames } from '../../../src/postgres/sequences/list-names.js';
import { pageRanges } from '../../../src/postgres/sequences/page-ranges.js';
import { readPositions } from '../../../src/postgres/sequences/read-positions.js';
import { readSequences } from '../../../src/postgres/sequences/read-sequences.js';
import type { SequenceReading } from '../../../src/postgres/sequences/sequence-reading.js';
import { setSequences } from '../../../src/postgres/sequences/set-sequences.js';
import { TestServer, oldestAndNewest, type TestDatabase } from './database.js';

const COUNT = 3_000;

describe.each(oldestAndNewest)('3,000 sequences on PostgreSQL $version', (version) => {
  let server: TestServer;
  let database: TestDatabase;
  beforeAll(async () => {
    server = await TestServer.start(version);
    database = await server.database();
    // In parts: each part's locks have to fit in the lock table.
    for (let from = 1; from <= COUNT; from += 500) {
      await database.sql(`
        DO $$ BEGIN
          FOR i IN ${from}..${from + 499} LOOP
            EXECUTE format('CREATE TABLE t%s (id int GENERATED ALWAYS AS IDENTITY, b int)', i);
            PERFORM setval(format('t%s_id_seq', i)::regclass, i);
          END LOOP;
        END $$`);
    }
  });
  afterAll(async () => {
    await database.drop();
    await server.stop();
  });

  it('are listed, read, set and verified, with the locks of one transaction within bounds', async () => {
    const transactions: string[] = [];
    const endpoint = watched(await database.endpoint(), transactions);
    const names = await listSequenceNames(endpoint, database.identity);
    expect(names).toHaveLength(COUNT);
    const readings: SequenceReading[] = [];
    for (const range of pageRanges(names, { onePage: 2_000, sequences: 2_000, bytes: 2_000_000 })) {
      readings.push(...(await readSequences(endpoint, database.identity, range)));
    }
    expect(readings.map(({ schema, name }) => [schema, name])).toEqual(names);
    for (const { name, reading, feeds } of readings) {
      const i = /\d+/.exec(name)?.[0] ?? '';
      expect(reading, name).toEqual({ position: { lastValue: BigInt(i), isCalled: true } });
      expect(feeds, name).toMatchObject([
        { column: `public.t${i}.id`, via: 'identity', limits: [{ type: 'int4' }] },
      ]);
    }

    const settings = readings.map(({ oid }) => ({ oid, increment: '1', target: '20001', called: true }));
    const report = await setSequences(endpoint, database.identity, settings, { alone: null });
    expect(report).toEqual({ failed: [], done: COUNT });

    const oids = readings.map(({ oid }) => oid);
    const positions = await readPositions(endpoint, database.identity, oids);
    const set = { position: { lastValue: 20000n, isCalled: true } };
    expect(positions).toEqual(new Map(oids.map((oid) => [oid, set])));
    // The list, two pages of catalog, and the chunks of each read and of the setting: nothing was tried twice. From
    // PostgreSQL 18.2 on the catalog's pages come with the positions, and no chunk is bounded by locks.
    const size = await endpoint.locksPerTransaction();
    const chunks = (of: number) => Math.ceil(of / size);
    const withoutLocks = (await endpoint.version(database.identity)) >= 180_002;
    const positionReads = withoutLocks
      ? Math.ceil(COUNT / 2_000)
      : chunks(1_500) + chunks(1_500) + chunks(COUNT);
    const reads = 1 + 2 + positionReads;
    expect(transactions.filter((access) => access === 'read only')).toHaveLength(reads);
    // The advisory locks of a transaction count too, which makes at most one more.
    const writes = transactions.filter((access) => access === 'read write').length;
    expect([chunks(COUNT), chunks(COUNT) + 1]).toContain(writes);
  });
});

/** Notes the access of each transaction. */
function watched(endpoint: Endpoint, transactions: string[]): Endpoint {
  return changedEndpoint(endpoint, (one) => ({
    transaction: (options, work) => {
      transactions.push(options.access);
      return one.transaction(options, work);
    },
    read: (options, texts, repeated = []) => {
      transactions.push('read only');
      return one.read(options, texts, repeated);
    },
  }));
}

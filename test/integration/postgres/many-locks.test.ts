import { describe, expect, it } from 'vitest';
import { changedEndpoint } from '../../../src/postgres/changed-endpoint.js';
import type { Endpoint, ReadOptions } from '../../../src/postgres/endpoint.js';
import { classify } from '../../../src/postgres/failures/classify.js';
import { LOCK_WAITS_MS } from '../../../src/postgres/failures/lock-waits.js';
import { SQLSTATE } from '../../../src/postgres/failures/sqlstate.js';
import { withLockWaits } from '../../../src/postgres/with-lock-waits.js';
import { pageRanges } from '../../../src/postgres/sequences/page-ranges.js';
import { readFurthest } from '../../../src/postgres/sequences/read-furthest.js';
import { readPositions } from '../../../src/postgres/sequences/read-positions.js';
import { listSequenceNames } from '../../../src/postgres/sequences/list-names.js';
import { readSequences } from '../../../src/postgres/sequences/read-sequences.js';
import { setSequences } from '../../../src/postgres/sequences/set-sequences.js';
import { oldestAndNewest, type TestDatabase } from './database.js';
import { eachWithDatabase } from './each-test.js';

const LOCKED = 30;
const PART = 10;

/** As on a server whose lock table leaves room for few; counts what failed for a lock. */
function withSmallParts(endpoint: Endpoint) {
  const timeouts: number[] = [];
  const counted = async <T>({ lockTimeoutMs = NaN }: ReadOptions, work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      if (classify(error).sqlstate === SQLSTATE.lockNotAvailable) timeouts.push(lockTimeoutMs);
      throw error;
    }
  };
  const small = changedEndpoint(endpoint, (one) => ({
    locksPerTransaction: () => Promise.resolve(PART),
    transaction: (options, work) => counted(options, one.transaction(options, work)),
    read: (options, texts, repeated) => counted(options, one.read(options, texts, repeated)),
  }));
  const waited = () => timeouts.reduce((sum, timeout) => sum + timeout, 0);
  return { endpoint: small, lockTimeouts: () => timeouts.length, waited };
}

describe.each(oldestAndNewest)('thirty locks, each in another part, on PostgreSQL $version', (version) => {
  let database: TestDatabase;
  eachWithDatabase(version, (made) => {
    database = made;
  });

  /** Three hundred, of which each tenth is locked. */
  async function sequences(lock: (name: string) => string): Promise<number[]> {
    await database.sql(
      `DO $$ BEGIN FOR i IN 1..${LOCKED * PART} LOOP EXECUTE format('CREATE TABLE t%s (id serial PRIMARY KEY)', i); END LOOP; END $$`,
    );
    const blocker = await database.session();
    const names = Array.from({ length: LOCKED }, (_, index) => `t${(index + 1) * PART - 5}`);
    await blocker.query(`BEGIN; ${names.map(lock).join('; ')}`);
    const rows = await database.sql<{ oid: number }>(
      `SELECT seqrelid AS oid FROM pg_sequence ORDER BY seqrelid`,
    );
    return rows.map(({ oid }) => oid);
  }

  it('are not waited for one by one where positions are read', async () => {
    const oids = await sequences((name) => `DROP TABLE ${name}`);
    const { endpoint, lockTimeouts } = withSmallParts(await database.endpoint());
    const readings = [...(await readPositions(endpoint, database.identity, oids)).values()];
    const problems = readings.flatMap((reading) => ('problem' in reading ? [reading.problem] : []));
    expect(readings).toHaveLength(LOCKED * PART);
    expect(problems).toHaveLength(LOCKED);
    for (const { reason } of problems) expect(reason).toMatch(/ is locked by process \d+ /);
    // Twice where there are two ways to read: once to find them, and once for each part of those that are locked.
    expect(lockTimeouts()).toBeLessThanOrEqual(2 * (1 + LOCKED / PART));
  });

  it('are not waited for one by one where sequences are set', async () => {
    const oids = await sequences((name) => `ALTER SEQUENCE ${name}_id_seq INCREMENT 1`);
    const { endpoint, lockTimeouts } = withSmallParts(await database.endpoint());
    const settings = oids.map((oid) => ({ oid, increment: '1', target: '500', called: true }));
    const report = await setSequences(endpoint, database.identity, settings, { alone: null });
    expect(report).toMatchObject({ done: (PART - 1) * LOCKED });
    expect(report.failed).toHaveLength(LOCKED);
    // A lock on a turn of ours takes a place, too, so that there are more parts.
    expect(lockTimeouts()).toBeLessThanOrEqual(1 + LOCKED / (PART / 2));
    expect(await database.position('t1_id_seq')).toEqual(['499', true]);
    expect(await database.position('t300_id_seq')).toEqual(['499', true]);
  });

  it('are not waited for one by one where rows are read', async () => {
    await sequences((name) => `LOCK TABLE ${name}`);
    const whole = await database.endpoint();
    const read = await readSequences(whole, database.identity, { after: null, upTo: null });
    const { endpoint, lockTimeouts } = withSmallParts(whole);
    const furthest = [...(await readFurthest(endpoint, database.identity, read)).values()];
    expect(furthest.filter(({ notChecked }) => notChecked !== null)).toHaveLength(LOCKED);
    expect(furthest).toHaveLength(LOCKED * PART);
    // The sizes of all tables are asked for first. Then a table and its index take two places.
    expect(lockTimeouts()).toBeLessThanOrEqual(2 + LOCKED / (PART / 2));
  });

  it('share one limit of waiting where several pages are read', async () => {
    await sequences((name) => `LOCK TABLE ${name}; ALTER SEQUENCE ${name}_id_seq INCREMENT 1`);
    const { endpoint: small, lockTimeouts, waited } = withSmallParts(await database.endpoint());
    const endpoint = withLockWaits(small);
    const names = await listSequenceNames(endpoint, database.identity);
    const pages = pageRanges(names, { onePage: 0, sequences: 3 * PART, bytes: 300 * PART });
    expect(pages).toHaveLength(LOCKED / 3);
    let notChecked = 0;
    for (const page of pages) {
      const ofPage = endpoint.withAffinity(JSON.stringify(page));
      const read = await readSequences(ofPage, database.identity, page);
      expect(read).toHaveLength(3 * PART);
      const furthest = [...(await readFurthest(ofPage, database.identity, read)).values()];
      notChecked += furthest.filter(({ notChecked }) => notChecked !== null).length;
    }
    expect(notChecked).toBe(LOCKED);
    // Each of the ten pages waits several times, but only the first of them for long.
    expect(lockTimeouts()).toBeGreaterThan(pages.length);
    expect(waited()).toBeLessThanOrEqual(LOCK_WAITS_MS + 50 * lockTimeouts());
  });
});

import { describe, expect, it } from 'vitest';
import { classify } from '../../../src/postgres/failures/classify.js';
import { oldestAndNewest } from './database.js';
import { eachWithTwoSides } from './each-test.js';
import type { TwoSides } from './two-sides.js';

describe.each(oldestAndNewest)('the remedy for a missing privilege on PostgreSQL $version', (version) => {
  let sides: TwoSides;
  eachWithTwoSides(version, (made) => {
    sides = made;
  });

  it.each([
    ['CONNECT on the database', (name: string) => `REVOKE CONNECT ON DATABASE ${name} FROM PUBLIC`],
    ['EXECUTE of a function', () => 'REVOKE EXECUTE ON FUNCTION pg_catalog.pg_current_wal_lsn() FROM PUBLIC'],
    [
      'EXECUTE of a function that every transaction begins with',
      () => 'REVOKE EXECUTE ON FUNCTION pg_catalog.pg_control_system() FROM PUBLIC',
    ],
    ['SELECT on a view of the catalog', () => 'REVOKE SELECT ON pg_catalog.pg_roles FROM PUBLIC'],
    ['SELECT on a table of the catalog', () => 'REVOKE SELECT ON pg_catalog.pg_database FROM PUBLIC'],
    ['USAGE of a schema', () => 'CREATE SCHEMA "My shop"; CREATE SEQUENCE "My shop".s'],
  ])('names the role and what it lacks: %s', async (_, revoke) => {
    const { standby } = sides;
    const [database] = await standby.sql<{ name: string }>('SELECT current_database() AS name');
    const role = await standby.role();
    await standby.sql(revoke(database?.name ?? ''));
    const endpoint = await standby.endpoint({ role });
    const work = () =>
      endpoint.transaction({ access: 'read only', expected: null, locks: 0 }, async (query) => {
        await query('SELECT pg_current_wal_lsn()');
        await query(`SELECT to_regclass('"My shop".s')`);
      });
    const { remedy, sqlstate } = await work().then(
      () => ({ remedy: '', sqlstate: null }),
      (error: unknown) => classify(error),
    );
    expect(sqlstate).toBe('42501');
    expect(remedy).toContain(`TO "${role}";`);
    expect(remedy).not.toMatch(/<|…/u);
    await standby.sql(/GRANT .*;/u.exec(remedy)?.[0] ?? '');
    await work();
  });
});

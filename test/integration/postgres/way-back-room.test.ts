import { describe, expect, it, onTestFinished } from 'vitest';
import pg from 'pg';
import { shownParts } from '../../../src/findings/remedy-text.js';
import { createDatabasePair, startPair, type PostgresPair } from '../../../src/local/postgres-pair.js';
import { withClient } from '../../../src/local/with-client.js';
import { needsRoom } from '../../../src/planning/promotion/way-back-room.js';
import { readReceiverRoom, readSenderRoom } from '../../../src/postgres/promotion/way-back-room.js';
import type { SideOfPair } from '../../../src/contract/side.js';
import { wayBackNames } from '../../../src/steps/way-back-names.js';
import { openSide } from './open-side.js';
import { oldestAndNewest } from './versions.js';

const sql = (url: string, ...statements: string[]) =>
  withClient(url, async (client) => {
    // One by one: ALTER SYSTEM runs in no transaction.
    for (const statement of statements) await client.query(statement);
  });

/** On the server that receives, an enabled subscription of a publisher that is away. */
const subscription = (name: string) => [
  `CREATE SUBSCRIPTION ${name} CONNECTION 'host=127.0.0.1 port=1 dbname=elsewhere' PUBLICATION elsewhere WITH (connect = false)`,
  `ALTER SUBSCRIPTION ${name} ENABLE`,
];

describe.each(oldestAndNewest)('the room for a way back on PostgreSQL $version', ({ version, binaries }) => {
  it('is missing where a setting is too small, by exactly as much as is needed', async () => {
    const origins =
      Number(version) >= 18
        ? { max_active_replication_origins: '2', max_replication_slots: '10' }
        : { max_replication_slots: '2' };
    const servers: PostgresPair = await startPair({
      both: { binaries },
      primary: { settings: { max_logical_replication_workers: '2', max_worker_processes: '3', ...origins } },
      standby: { settings: { max_replication_slots: '3', max_wal_senders: '3' } },
    });
    onTestFinished(() => servers.stop());
    const pair = await createDatabasePair(servers, { name: 'shop' });
    // Every role may read what is needed, so that the check can name what such a role lacks.
    for (const server of [servers.primary, servers.standby])
      await sql(server.url(), `CREATE ROLE reader LOGIN PASSWORD 'reads'`);
    const side = (which: SideOfPair) => openSide(which, servers[which].url('shop', 'reader', 'reads'));
    const sides = { primary: await side('primary'), standby: await side('standby') };
    const names = wayBackNames(sides.standby.identity);
    const short = async () => ({
      primary: await readReceiverRoom(sides.primary.endpoint, sides.primary.identity, names),
      standby: await readSenderRoom(sides.standby.endpoint, sides.standby.identity, names),
    });
    expect(await short()).toEqual({ primary: [], standby: [] });

    // Those of other databases of the servers count.
    await sql(servers.primary.url(), ...subscription('one'), ...subscription('two'));
    await sql(
      servers.standby.url(),
      ...['one', 'two', 'sequence_failover_way_back_0'].map(
        (name) => `SELECT pg_create_physical_replication_slot('${name}')`,
      ),
    );
    const originSetting = Number(version) >= 18 ? 'max_active_replication_origins' : 'max_replication_slots';
    expect(await short()).toEqual({
      primary: [
        { setting: 'max_logical_replication_workers', value: 2, needed: 3 },
        { setting: 'max_worker_processes', value: 3, needed: 4 },
        { setting: originSetting, value: 2, needed: 3 },
      ].sort((a, b) => (a.setting < b.setting ? -1 : 1)),
      // One slot without a receiver is that of another way back, and will have one.
      standby: [{ setting: 'max_replication_slots', value: 3, needed: 4 }],
    });

    for (const which of ['primary', 'standby'] as const)
      for (const { remedy } of needsRoom(which, (await short())[which]))
        await sql(
          servers[which].url(),
          ...shownParts(remedy)
            .filter(({ kind }) => kind === 'statement')
            .map(({ text }) => text),
        );
    await Promise.all(Object.values(sides).map(({ endpoint }) => endpoint.close()));
    await Promise.all([servers.primary.restart(), servers.standby.restart()]);
    sides.primary = await side('primary');
    sides.standby = await side('standby');
    expect(await short()).toEqual({ primary: [], standby: [] });

    // The way back itself does not count twice: the promotion checks again after it was prepared.
    await sql(
      pair.standbyUrl,
      `SELECT pg_create_logical_replication_slot(${pg.escapeLiteral(names.slot)}, 'pgoutput')`,
    );
    await sql(
      pair.primaryUrl,
      `CREATE SUBSCRIPTION ${names.subscription} CONNECTION ${pg.escapeLiteral(pair.standbyUrl)}
       PUBLICATION ${names.publication} WITH (connect = false, slot_name = ${pg.escapeLiteral(names.slot)})`,
    );
    expect(await short()).toEqual({ primary: [], standby: [] });
  });
});

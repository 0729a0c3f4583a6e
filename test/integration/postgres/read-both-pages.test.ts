import { describe, expect, it } from 'vitest';
import { readBothPages } from '../../../activities/read-both-pages.js';
import { oldestAndNewest } from './database.js';
import { eachWithTwoSides } from './each-test.js';
import { recordStatements, type Statement } from './statement-costs.js';
import type { TwoSides } from './two-sides.js';

describe.each(oldestAndNewest)('the pages of both sides on PostgreSQL $version', (version) => {
  let sides: TwoSides;
  eachWithTwoSides(version, (made) => {
    sides = made;
  });

  /** The furthest row of each sequence on the primary, and on the standby. */
  async function furthest(
    confirmed: boolean,
  ): Promise<Record<string, [string | null | undefined, bigint | null]>> {
    const pair = {
      primary: await sides.primary.endpoint({ side: 'primary' }),
      standby: await sides.standby.endpoint({ side: 'standby' }),
      ledger: null,
    };
    const identity = { pair: 'test', primary: sides.primary.identity, standby: sides.standby.identity };
    const { primary, standby } = await readBothPages(
      pair,
      { identity, confirmed },
      { after: null, upTo: null },
    );
    const there = new Map(standby.map((one) => [one.name, one.furthest]));
    return Object.fromEntries(primary.map((one) => [one.name, [one.furthest, there.get(one.name) ?? null]]));
  }

  it('leave out the primary’s rows of what the standby has confirmed, and of nothing else', async () => {
    await sides.sql(`
      CREATE TABLE subscribed (id serial PRIMARY KEY); CREATE TABLE other (id serial PRIMARY KEY);
      CREATE TABLE parts (id bigserial) PARTITION BY RANGE (id);
      CREATE TABLE part PARTITION OF parts FOR VALUES FROM (0) TO (1000); CREATE INDEX ON part (id);
      CREATE TABLE parent (id serial PRIMARY KEY); CREATE TABLE child (PRIMARY KEY (id)) INHERITS (parent)`);
    const insert = (id: number) => `
      INSERT INTO subscribed VALUES (${id}); INSERT INTO other VALUES (${id}); INSERT INTO parts VALUES (${id}); INSERT INTO child VALUES (${id})`;
    await sides.primary.sql(insert(500));
    await sides.standby.sql(insert(7));
    for (const table of ['subscribed', 'part', 'parent']) await sides.subscribe(table);
    const all = { other_id_seq: ['500', 7n], parent_id_seq: ['500', 7n], parts_id_seq: ['500', 7n] };
    expect(await furthest(false)).toEqual({ ...all, subscribed_id_seq: ['500', 7n] });
    expect(await furthest(true)).toEqual({ ...all, subscribed_id_seq: [null, 7n] });
  });

  it('are compared with the kept catalogs once on each side, if they are read at the same time', async () => {
    await sides.sql(
      `DO $$ BEGIN FOR i IN 1001..2000 LOOP EXECUTE 'CREATE SEQUENCE s' || i; END LOOP; END $$`,
    );
    const statements: Record<'primary' | 'standby', Statement[]> = { primary: [], standby: [] };
    const pair = {
      primary: recordStatements(await sides.primary.endpoint({ side: 'primary' }), statements.primary),
      standby: recordStatements(await sides.standby.endpoint({ side: 'standby' }), statements.standby),
      ledger: null,
    };
    const identity = { pair: 'test', primary: sides.primary.identity, standby: sides.standby.identity };
    const readAll = async () => {
      for (const each of Object.values(statements)) each.length = 0;
      const [first, second] = await Promise.all([
        readBothPages(pair, { identity }, { after: null, upTo: ['public', 's1500'] }),
        readBothPages(pair, { identity }, { after: ['public', 's1500'], upTo: null }),
      ]);
      const checks = (of: readonly Statement[]) =>
        of.filter(({ text }) => text.includes('counted AS')).length;
      return {
        sequences: [first, second].map(({ primary, standby }) => [primary.length, standby.length]),
        checks: [checks(statements.primary), checks(statements.standby)],
      };
    };
    const sequences = [
      [500, 500],
      [500, 500],
    ];
    await readAll();
    expect(await readAll()).toEqual({ sequences, checks: [1, 1] });
  });
});

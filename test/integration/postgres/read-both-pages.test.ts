import { describe, expect, it } from 'vitest';
import { readBothPages } from '../../../activities/read-both-pages.js';
import { oldestAndNewest } from './database.js';
import { eachWithTwoSides } from './each-test.js';
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
});

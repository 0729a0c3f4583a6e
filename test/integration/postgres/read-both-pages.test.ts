import { describe, expect, it } from 'vitest';
import type { PageOfPair } from '../../../activities/page-of-pair.js';
import { readBothPages } from '../../../activities/read-both-pages.js';
import { readConfirmedPage } from '../../../activities/read-confirmed-page.js';
import { versions } from './database.js';
import { eachWithTwoSides } from './each-test.js';
import type { TwoSides } from './two-sides.js';

describe.each(versions)('the pages of both sides on PostgreSQL $version', (version) => {
  let sides: TwoSides;
  eachWithTwoSides(version, (made) => {
    sides = made;
  });

  async function allOfPair(): Promise<PageOfPair> {
    const { primary, standby } = sides;
    return {
      pair: {
        primary: await primary.endpoint({ side: 'primary' }),
        standby: await standby.endpoint({ side: 'standby' }),
        ledger: null,
      },
      identity: { pair: 'test', primary: primary.identity, standby: standby.identity },
      range: { after: null, upTo: null },
    };
  }

  /** The furthest row of each sequence on the primary, and on the standby. */
  async function furthest(
    confirmed: boolean,
  ): Promise<Record<string, [string | null | undefined, bigint | null]>> {
    const { pair, identity, range } = await allOfPair();
    const { primary, standby } = await readBothPages(pair, { identity, confirmed }, range);
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
    // Before the approval, if the readiness check has seen that the standby has confirmed.
    const page = await readConfirmedPage(await allOfPair());
    expect(Object.fromEntries(page.map(({ name, furthest: row }) => [name, row]))).toEqual({
      ...{ other_id_seq: '500', parent_id_seq: '500', parts_id_seq: '500' },
      subscribed_id_seq: null,
    });
  });
});

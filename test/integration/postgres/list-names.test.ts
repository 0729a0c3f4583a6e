import { describe, expect, it } from 'vitest';
import type { RawName } from '../../../src/steps/identity.js';
import { listSequenceNames } from '../../../src/postgres/sequences/list-names.js';
import { mergeNames, pageRanges } from '../../../src/postgres/sequences/page-ranges.js';
import { readSequences } from '../../../src/postgres/sequences/read-sequences.js';
import { type TestServer, oldestAndNewest, type TestDatabase } from './database.js';
import { eachWithDatabase } from './each-test.js';

describe.each(oldestAndNewest)('sequence names on PostgreSQL $version', ({ version, binaries }) => {
  let server: TestServer;
  let database: TestDatabase;
  eachWithDatabase({ binaries }, (made, on) => {
    database = made;
    server = on;
  });

  it('are all but the system’s, temporary ones included, by the bytes of UTF-8 whatever the collation', async () => {
    await database.sql(`
      CREATE SEQUENCE b; CREATE SEQUENCE "B"; CREATE SEQUENCE "é"; CREATE SEQUENCE "\u{ffee}"; CREATE SEQUENCE "\u{1f600}";
      CREATE TEMPORARY SEQUENCE passing;
      CREATE SCHEMA "Pub.lic"; CREATE SEQUENCE "Pub.lic".z; CREATE SCHEMA sequence_failover; CREATE SEQUENCE sequence_failover.run_id;
      CREATE UNLOGGED TABLE "Pub.lic".t (id int GENERATED ALWAYS AS IDENTITY)`);
    const names = await listSequenceNames(await database.endpoint(), database.identity);
    expect(names.map(([schema, name]) => [schema.replace(/^pg_temp_\d+$/, 'pg_temp_N'), name])).toEqual([
      ['Pub.lic', 't_id_seq'],
      ['Pub.lic', 'z'],
      ['pg_temp_N', 'passing'],
      ['public', 'B'],
      ['public', 'b'],
      ['public', 'é'],
      ['public', '\u{ffee}'],
      ['public', '\u{1f600}'],
      ['sequence_failover', 'run_id'],
    ]);
  });

  it('are none in a database without sequences', async () => {
    expect(await listSequenceNames(await database.endpoint(), database.identity)).toEqual([]);
  });

  it('cut into pages find every sequence once, those created since included', async () => {
    await database.sql(`
      CREATE SEQUENCE "\u{ffee}"; CREATE SEQUENCE "\u{1f600}"; CREATE SEQUENCE b; CREATE SEQUENCE d;
      CREATE SCHEMA "q'\\;%"; CREATE SEQUENCE "q'\\;%"."n\n"; CREATE SEQUENCE "q'\\;%".o`);
    const endpoint = await database.endpoint();
    const names = await listSequenceNames(endpoint, database.identity);
    const ranges = pageRanges(mergeNames(names, [['public', 'c']]), {
      onePage: 2,
      sequences: 2,
      bytes: 2_000_000,
    });
    await database.sql('CREATE SEQUENCE "A"; CREATE SEQUENCE c; CREATE SCHEMA zz; CREATE SEQUENCE zz.z');
    const pages = [];
    for (const range of ranges) pages.push(await readSequences(endpoint, database.identity, range));
    expect(pages.map((page) => page.map(({ schema, name }) => [schema, name]))).toEqual([
      [
        ['public', 'A'],
        ['public', 'b'],
        ['public', 'c'],
      ],
      [
        ['public', 'd'],
        ['public', '\u{ffee}'],
      ],
      [
        ['public', '\u{1f600}'],
        ["q'\\;%", 'n\n'],
      ],
      [
        ["q'\\;%", 'o'],
        ['zz', 'z'],
      ],
    ]);
  });

  it('of the other side bound a page even if this database’s encoding cannot write them', async () => {
    // The template of a newer server has a locale of PostgreSQL's own, which is for UTF-8 alone.
    const provider = Number(version) < 15 ? '' : 'LOCALE_PROVIDER libc';
    const latin1 = await server.database(`TEMPLATE template0 ENCODING 'LATIN1' ${provider} LOCALE 'C'`);
    try {
      await latin1.sql('CREATE SEQUENCE "é"; CREATE SCHEMA "öö"; CREATE SEQUENCE "öö".a');
      const endpoint = await latin1.endpoint();
      const read = (after: RawName | null, upTo: RawName | null) =>
        readSequences(endpoint, latin1.identity, { after, upTo });
      expect(await listSequenceNames(endpoint, latin1.identity)).toEqual([
        ['public', 'é'],
        ['öö', 'a'],
      ]);
      expect(await read(null, ['public', '\u{1f600}'])).toMatchObject([{ name: 'é' }]);
      expect(await read(['public', '\u{1f600}'], null)).toMatchObject([{ schema: 'öö' }]);
    } finally {
      await latin1.drop();
    }
  });
});

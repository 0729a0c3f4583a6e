import { describe, expect, it } from 'vitest';
import { readSequences } from '../../../src/postgres/sequences/read-sequences.js';
import { quoteIdentifier } from '../../../src/sequences/identifier.js';
import { oldestAndNewest, type TestDatabase } from './database.js';
import { eachWithDatabase } from './each-test.js';

describe.each(oldestAndNewest)('names on PostgreSQL $version', (version) => {
  let database: TestDatabase;
  eachWithDatabase(version, (made) => {
    database = made;
  });

  it('are quoted wherever the server would quote them', async () => {
    const words = await database.sql<{ word: string; quoted: string }>(
      'SELECT word, quote_ident(word) AS quoted FROM pg_get_keywords()',
    );
    const unquoted = words.filter(({ word, quoted }) => quoted !== word && quoteIdentifier(word) === word);
    expect(unquoted).toEqual([]);
  });

  it('are the same text whatever the version, and the settings of the server', async () => {
    await database.sql('CREATE SCHEMA "json"; CREATE TABLE "json"."system_user" (id serial, "Id" serial)');
    const read = async () => {
      const endpoint = await database.endpoint();
      const sequences = await readSequences(endpoint, database.identity, { after: null, upTo: null });
      return sequences.map(({ sequence, feeds }) => [sequence, ...feeds.map(({ column }) => column)]);
    };
    const names = [
      ['"json"."system_user_Id_seq"', '"json"."system_user"."Id"'],
      ['"json".system_user_id_seq', '"json"."system_user".id'],
    ];
    expect(await read()).toEqual(names);
    const [row] = await database.sql<{ name: string }>('SELECT current_database() AS name');
    await database.sql(`ALTER DATABASE ${row?.name ?? ''} SET quote_all_identifiers = on`);
    expect(await read()).toEqual(names);
  });
});

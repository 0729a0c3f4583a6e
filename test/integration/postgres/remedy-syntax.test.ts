import { afterAll, beforeAll, expect, it } from 'vitest';
import { examples } from '../../unit/findings/examples.js';
import { earlierFence } from '../../unit/findings/promotion-examples.js';
import { TestServer, versions, type TestDatabase } from './database.js';
import { statementsIn } from './paste.js';

let server: TestServer;
let database: TestDatabase;
let major = 0;
beforeAll(async () => {
  const newest = versions.at(-1);
  if (newest === undefined) throw new Error('no version');
  major = Number.parseInt(newest.version);
  server = await TestServer.start(newest);
  database = await server.database();
});
afterAll(async () => {
  await database.drop();
  await server.stop();
});

/** PostgreSQL parses all statements of a message before it runs the first, which fails here. So none of the others runs. */
async function syntaxErrorIn(statement: string): Promise<string | null> {
  const filledIn = statement.replace(/<[a-z][^<>]*>/gu, 'x');
  const error: unknown = await database.sql(`SELECT 1/0; ${filledIn}`).catch((reason: unknown) => reason);
  const { code, message } = error as { code?: string; message?: string };
  if (code === undefined) throw new Error(`no error of the server: ${String(error)}`);
  return code === '22012' ? null : `${message ?? ''}: ${statement}`;
}

/** Of findings that only PostgreSQL 19 has, since its publications can have sequences. */
const isOf19 = /^ALTER (?:PUBLICATION .* SET ALL TABLES|SUBSCRIPTION .* DROP PUBLICATION)/u;
const isKnown = (statement: string) => major >= 19 || !isOf19.test(statement);

it('every statement of every remedy is one that PostgreSQL can parse', async () => {
  const remedies = [...Object.values(examples).flatMap((make) => make()), ...earlierFence()].flatMap(
    (finding) => finding?.remedy ?? [],
  );
  // The side stands before its statements.
  const parts = remedies.flatMap((remedy) => remedy.split(/\bon the (?:primary|standby)\b/u));
  const statements = [...new Set(parts.flatMap(statementsIn))].filter(isKnown);
  expect(statements.length).toBeGreaterThan(50);
  const errors: string[] = [];
  for (const statement of statements)
    errors.push(...([await syntaxErrorIn(statement)].filter(Boolean) as string[]));
  expect(errors).toEqual([]);
});

it('finds a statement that it cannot parse', async () => {
  expect(await syntaxErrorIn("ALTER SEQUENCE public.O'Brien RESTART;")).not.toBeNull();
});

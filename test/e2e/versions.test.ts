import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { versions } from '../integration/postgres/versions.js';
import { json } from './stage/payloads.js';
import { Stage } from './stage/stage.js';
import { completed } from './stage/workflow-run.js';

const schema = `
  CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, number serial, note text);
  CREATE SEQUENCE descending INCREMENT -1;`;

const [oldest, newest] = [versions.at(0), versions.at(-1)];

const ways =
  oldest && newest && oldest !== newest ? [[oldest, newest] as const, [newest, oldest] as const] : [];

it.skipIf(ways.length > 0)('needs two versions of PostgreSQL', ({ skip }) => {
  skip();
});

// An upgrade by logical replication goes from an older server to a newer one, and the way back is the other way round.
describe.each(ways)('from $version', (primary, standby) => {
  let stage: Stage;
  beforeAll(async () => {
    const sides = [primary, standby].map(({ binaries }) => ({ binaries }));
    stage = await Stage.start({ primary: sides[0] ?? {}, standby: sides[1] ?? {} });
  });
  afterAll(() => stage.stop());

  it(`fails over to ${standby.version}`, async () => {
    const pair = await stage.pair(schema);
    await pair.subscribe();
    await pair.primary.sql("INSERT INTO orders (note) SELECT 'x' FROM generate_series(1, 100)");
    for (let call = 0; call < 3; call += 1) await pair.primary.nextval('descending');
    const run = await stage.start({ pair: pair.name });
    const { gate, findings } = await run.atGate();
    expect([gate?.state, gate?.blockedBy], JSON.stringify(findings)).toEqual(['open', []]);
    await run.signal('approve', ...json({ by: 'alice' }));
    const result = await completed(run);
    expect(result).toMatchObject({ outcome: 'handed-off', counts: { total: 3, applied: 3, failed: 0 } });
    const majors = [result.primary, result.standby].map(
      (server) => /^\d+/.exec(server?.serverVersion ?? '')?.[0],
    );
    expect(majors).toEqual([primary.version, standby.version]);
    expect(await pair.standby.positions()).toEqual({
      'public.descending': ['-10003', true],
      'public.orders_id_seq': ['10100', true],
      'public.orders_number_seq': ['10100', true],
    });
  });
});

import { afterAll, beforeAll, expect, it } from 'vitest';
import { LIMITED_ROLE, Stage } from './stage/stage.js';
import { completed } from './stage/workflow-run.js';
import { json } from './stage/payloads.js';

const role = `"${LIMITED_ROLE}"`;
const schema = Array.from(
  { length: 12 },
  (_, index) =>
    `CREATE TABLE table_${index} (id serial PRIMARY KEY); INSERT INTO table_${index} DEFAULT VALUES;`,
).join('\n');

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.start({ variants: ['limited'] });
});
afterAll(() => stage.stop());

it.each([1, 2, 3])(
  'a role that may have %i connections on each side is enough for a failover',
  async (limit) => {
    const pair = await stage.pair(schema);
    const grants = `GRANT USAGE ON SCHEMA public TO ${role}; GRANT SELECT ON ALL TABLES IN SCHEMA public TO ${role};
    GRANT SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA public TO ${role}; ALTER ROLE ${role} CONNECTION LIMIT ${limit};`;
    await pair.primary.sql(grants);
    await pair.standby.sql(`${grants} CREATE SCHEMA sequence_failover AUTHORIZATION ${role};`);
    const run = await stage.start({ pair: `${pair.name}-limited`, approval: { recheckEvery: '1 second' } });
    const { gate, findings } = await run.atGate();
    expect({ state: gate?.state, codes: findings.map(({ code }) => code) }).toEqual({
      state: 'open',
      codes: ['NO_SUBSCRIPTION'],
    });
    expect(await run.decide(...json({ decision: 'approve', by: 'alice' }))).toMatchObject({ stands: true });
    expect(await completed(run)).toMatchObject({
      outcome: 'handed-off',
      counts: { total: 12, applied: 12, failed: 0 },
    });
    expect(await pair.standby.sql('SELECT state FROM sequence_failover.runs')).toEqual([
      { state: 'completed' },
    ]);
  },
);

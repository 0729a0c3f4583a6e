import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { paste } from '../../integration/postgres/paste.js';
import { connect, query } from '../faults/query.js';
import { json } from '../stage/payloads.js';
import type { Stage } from '../stage/stage.js';
import { WorkflowRun } from '../stage/workflow-run.js';
import { stageWithOperators } from './operators.js';
import {
  promotionsOn,
  promoted,
  undone,
  writes,
  fencedWriter,
  expectNothingLost,
  settings,
  traces,
} from './staged-promotions.js';

let stage: Stage;
stageWithOperators((started) => {
  stage = started;
});
const { replicatedPair, promote } = promotionsOn(() => stage);

/** The URL that moves the traffic. @param move answers a call by an HTTP status */
async function trafficMover(
  move: (call: [method: unknown, body: unknown]) => Promise<number>,
): Promise<string> {
  const server = createServer((request, response) => {
    text(request)
      .then((body) => move([request.method, JSON.parse(body)]))
      .then((status) => response.writeHead(status).end())
      .catch(() => response.writeHead(500).end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return `http://127.0.0.1:${port}/move`;
}

describe('what operators bring themselves', () => {
  const byOperators = (workflowType: string, workflowId?: string) => ({
    ...{ workflowType, taskQueue: 'operators' },
    ...(workflowId !== undefined && { workflowId }),
  });

  it('may fence; and where their workflow cannot move the traffic, the standby is open nevertheless', async () => {
    const pair = await replicatedPair();
    const writer = await fencedWriter(pair);
    const fencing = `fence-${pair.name}`;
    const run = await promote({
      pair: pair.name,
      fence: { kind: 'workflow', workflow: byOperators('holdSwitch', fencing) },
      traffic: byOperators('vetoSwitch'),
      // To lift the fence, it would ask the same workflow, which waits for a signal.
      outageBudget: '5 minutes',
    });
    const operator = new WorkflowRun(stage.cli, fencing);
    await operator.begun();
    await query(pair.primaryUrl, `ALTER DATABASE ${pair.name} SET default_transaction_read_only TO on`);
    await query(
      pair.primaryUrl,
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND backend_type = 'client backend'
         AND application_name <> 'sequence-failover' AND pid <> pg_backend_pid()`,
    );
    await operator.signal('finish');
    const { type, message, details } = await undone(run);
    expect({ type, message }).toEqual({
      type: 'Unfinished',
      message: expect.stringMatching(
        /^the standby is open and takes writes; .*has a backup that runs/,
      ) as string,
    });
    expect(details.findings).toContainEqual(
      expect.objectContaining({
        code: 'TRAFFIC_NOT_MOVED',
        remedy: 'move the clients to the new primary by hand; it takes writes',
      }),
    );
    expect(details.steps.map(({ step, state }) => `${step} ${state}`)).toEqual(
      expect.arrayContaining(['fence done', 'open done', 'traffic failed', 'enableWayBack done']),
    );
    expect(details.certificate?.outageMs).toBeGreaterThan(0);
    writer.moveTo(pair.standbyUrl);
    await writes(writer);
    await writer.stop();
    await expectNothingLost(writer, pair.standbyUrl);
  });

  it('gets the argument that docs/reference/promotion.md shows', async () => {
    const pair = await replicatedPair();
    const workflowId = `last-word-${pair.name}`;
    const run = await promote({
      ...{ pair: pair.name, ticket: 'CHG-123', requestedBy: 'alice', rehearse: true },
      beforeSwitch: { ...byOperators('agree', workflowId), input: {} },
    });
    await promoted(run);
    const text = expect.any(String) as string;
    const server = {
      host: text,
      port: expect.any(Number) as number,
      serverVersion: text,
      systemIdentifier: text,
    };
    expect(await new WorkflowRun(stage.cli, workflowId).ending()).toEqual({
      status: 'COMPLETED',
      result: {
        ...{
          purpose: 'before-switch',
          pair: pair.name,
          rehearsal: true,
          ticket: 'CHG-123',
          requestedBy: 'alice',
        },
        ...{ primary: { ...server, database: pair.name }, standby: { ...server, database: pair.name } },
        ...{ promotion: { workflowId: run.workflowId, runId: text }, input: {} },
      },
    });
  });

  it('is asked to lift a fence that leaves a writer, and nothing else has changed', async () => {
    const pair = await replicatedPair();
    const writer = await fencedWriter(pair);
    const before = await Promise.all([pair.primaryUrl, pair.standbyUrl].map(settings));
    const fencing = `leaky-fence-${pair.name}`;
    const ending = await undone(
      await promote({
        pair: pair.name,
        outageBudget: '12 seconds',
        fence: { kind: 'workflow', workflow: byOperators('agree', fencing) },
      }),
    );
    expect(ending.message).toMatch(
      /were still open when the time for ending them was over: .*process \d+ \(postgres, live writer.*; undone: fence, wayBack/,
    );
    const asked = await Promise.all(
      [fencing, `${fencing}/lift`].map(async (id) => {
        const { result } = (await new WorkflowRun(stage.cli, id).ending()) as unknown as {
          result: { purpose: string };
        };
        return result.purpose;
      }),
    );
    expect(asked).toEqual(['fence', 'lift-fence']);
    await writes(writer);
    await writer.stop();
    expect(await Promise.all([pair.primaryUrl, pair.standbyUrl].map(settings))).toEqual(before);
    expect(await traces(pair)).toEqual([[], []]);
  });

  it('is asked to lift a fence although it goes on raising it after its cancellation', async () => {
    const pair = await replicatedPair();
    const fencing = `endless-fence-${pair.name}`;
    const run = await promote({
      pair: pair.name,
      fence: { kind: 'workflow', workflow: byOperators('fenceForEver', fencing) },
      outageBudget: '5 minutes',
    });
    const operator = await new WorkflowRun(stage.cli, fencing).begun();
    await run.signal('reject', ...json({ by: 'alice', reason: 'the pooler hangs' }));
    const { type, message } = await undone(run);
    expect({ type, message }).toMatchObject({
      type: 'Rejected',
      message: expect.stringContaining('undone: fence, wayBack') as string,
    });
    expect(await new WorkflowRun(stage.cli, `${fencing}/lift`).ending()).toMatchObject({
      status: 'COMPLETED',
      result: 'lift-fence',
    });
    expect(await operator.ending()).toMatchObject({ status: 'TERMINATED' });
  });

  it('may move the traffic by a call, which is repeated until it succeeds; what is left to do is done by its statements', async () => {
    const pair = await replicatedPair();
    const calls: unknown[] = [];
    const url = await trafficMover((call) => {
      calls.push(call);
      return Promise.resolve(calls.length === 1 ? 503 : 204);
    });
    const { leftovers, standby } = await promoted(
      await promote({ pair: pair.name, failback: false, traffic: { http: { url } } }),
    );
    const { host, port: standbyPort, database } = standby ?? {};
    const call = ['POST', { pair: pair.name, standby: { host, port: standbyPort, database } }];
    expect(calls).toEqual([call, call]);
    const sides = { new: pair.standbyUrl, old: pair.primaryUrl };
    for (const leftover of leftovers) {
      const [, side = '', statements = ''] = /^on the (new|old) primary: (.*)$/.exec(leftover) ?? [];
      for (const statement of statements.split('; ')) await query(sides[side as 'new' | 'old'], statement);
    }
    const links = `SELECT slot_name AS name FROM pg_replication_slots WHERE database = current_database()
      UNION ALL SELECT subname FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid WHERE datname = current_database()`;
    expect(await Promise.all(Object.values(sides).map((url) => query(url, links)))).toEqual([[], []]);
  });

  it('says why it could not move the sequences of the old primary ahead', async ({ skip }) => {
    const pair = await replicatedPair();
    const [server] = await query<{ version: number }>(
      pair.primaryUrl,
      `SELECT current_setting('server_version_num')::int AS version`,
    );
    skip((server?.version ?? 0) < 170_000, 'event triggers on login need PostgreSQL 17');
    let client: Awaited<ReturnType<typeof connect>> | undefined;
    onTestFinished(async () => {
      await client?.query('DROP EVENT TRIGGER IF EXISTS closed');
      await client?.end();
    });
    const url = await trafficMover(async () => {
      client = await connect(pair.primaryUrl);
      // The fence makes the sessions of this role read-only.
      await client.query('SET default_transaction_read_only TO off');
      await client.query(`CREATE FUNCTION closed() RETURNS event_trigger LANGUAGE plpgsql
        AS $$ BEGIN RAISE EXCEPTION 'closed for the night' USING ERRCODE = 'invalid_authorization_specification'; END $$`);
      await client.query('CREATE EVENT TRIGGER closed ON login EXECUTE FUNCTION closed()');
      return 204;
    });
    const { findings } = await promoted(await promote({ pair: pair.name, traffic: { http: { url } } }));
    expect(findings.map(({ code }) => code)).toEqual(['OLD_PRIMARY_BEHIND']);
    expect(findings[0]?.message).toMatch(
      /^the sequences of the old primary could not be moved ahead: .*closed for the night/u,
    );
  });

  it('names every sequence of the old primary that is not ahead, with a remedy for the right side', async () => {
    const pair = await replicatedPair();
    const url = await trafficMover(async () => {
      await query(pair.standbyUrl, 'CREATE SEQUENCE added START 7; CREATE SEQUENCE "Added too"');
      return 204;
    });
    const { findings } = await promoted(await promote({ pair: pair.name, traffic: { http: { url } } }));
    expect(findings).toMatchObject([
      { code: 'OLD_PRIMARY_BEHIND', message: expect.stringContaining('public."Added too"') as string },
      { code: 'OLD_PRIMARY_BEHIND', message: expect.stringContaining('public.added') as string },
    ]);
    // Where the sequence is missing: on the old primary, which is the standby of the reversed pair.
    const sides = { primary: pair.standbyUrl, standby: pair.primaryUrl };
    for (const { remedy } of findings) {
      const client = await connect(pair.primaryUrl);
      const [, after = ''] = remedy.split(', and the primary is the new one: ');
      await paste(after, {
        standby: (statement) => client.query(statement),
        primary: (statement) => query(sides.primary, statement),
      });
      await client.end();
    }
    const [command = ''] = /temporal workflow start .*$/u.exec(findings[0]?.remedy ?? '') ?? [];
    const input = JSON.parse(/--input '(.*)'$/u.exec(command)?.[1] ?? '') as { pair: string };
    expect(input).toEqual({ pair: `reversed:${pair.name}`, mode: 'sync' });
    expect(await (await stage.send(json(input))).ending()).toMatchObject({ status: 'COMPLETED' });
    expect(await query(pair.primaryUrl, `SELECT last_value > 7 AS ahead FROM added`)).toEqual([
      { ahead: true },
    ]);
  });
});

import { ApplicationFailure, ChildWorkflowFailure, RetryState } from '@temporalio/common';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { INTERNAL_SIGNALS } from '../../../../src/contract/names.js';
import { onFlood } from '../../../../workflows/floods.js';
import { promoteFleet } from '../../../../workflows/promotion-fleet/promote-fleet.js';
import { ANY_UPDATE, asWorkflow, reset, temporal } from './fake-temporal.js';
import { primary, standby } from './promotion-example.js';

vi.mock('@temporalio/workflow', async (original) => ({
  ...(await original<object>()),
  ...(await import('./fake-temporal.js')).fakeTemporal,
}));

beforeEach(reset);

it('fences no pair if one of them failed before the fence, and names what failed', async () => {
  const told: string[] = [];
  const failure = (message: string, type: string) => ApplicationFailure.nonRetryable(message, type);
  temporal.startChild = (_, { workflowId }) => {
    let undo: (why: Error) => void = () => undefined;
    const undone = new Promise<never>((__, reject) => {
      undo = reject;
    });
    // Nobody waits for that of the pair which has failed.
    undone.catch(() => undefined);
    const signal = (name: string) => {
      told.push(`${workflowId} ${name}`);
      if (name === INTERNAL_SIGNALS.fleetUndo) undo(failure('undone', 'FleetStopped'));
      return Promise.resolve();
    };
    const result = () =>
      workflowId === 'workflow/b' ? Promise.reject(failure('no slot', 'NotReady')) : undone;
    return { firstExecutionRunId: 'r', signal, result };
  };
  temporal.whileWaiting.push(() => {
    onFlood(INTERNAL_SIGNALS.promotionMember, [{ pair: 'a', state: 'prepared', primary, standby }]);
  });
  const fleet = asWorkflow(() => promoteFleet({ pairs: ['a', 'b'], fence: { kind: 'read-only' } }));
  await expect(fleet).rejects.toMatchObject({
    ...{ type: 'NotReady', message: 'b: no slot; no pair was fenced' },
    details: [{ pairs: [{ outcome: 'undone' }, { outcome: 'undone' }] }],
  });
  expect(told).not.toContain(`workflow/a ${INTERNAL_SIGNALS.fleetFence}`);
  expect(told).toContain(`workflow/a ${INTERNAL_SIGNALS.fleetUndo}`);
});

const { promotionMember, fleetFence, fleetConfirm, fleetSwitch, fleetForward, fleetUndo } = INTERNAL_SIGNALS;
const certificate = {
  ...{ fenceLsn: '0/1', confirmedLsn: '0/1', verificationLsn: '0/1', sequences: 2, minimumHeadroom: null },
  ...{ fencedAt: '2026-01-02T03:04:05.000Z', openedAt: '2026-01-02T03:04:06.000Z', outageMs: 1_000 },
  predictedOutageMs: null,
};
const promoted = { outcome: 'promoted', certificate, leftovers: [], findings: [] };
const operators = (workflowType: string) => ({ workflowType, taskQueue: 'operations' });

/**
 * Promotions that do what their fleet orders, and operators' workflows that end like this.
 *
 * @param unopened the pairs whose standby opens only after the order to go forward
 */
function promotions(workflows: Record<string, () => Promise<unknown>> = {}, unopened: string[] = []) {
  const orders: string[] = [];
  const tell = (pair: string, progress: object) => {
    onFlood(promotionMember, [{ pair, ...progress }]);
  };
  const inTime = new Date(Date.now() + 3_600_000).toISOString();
  temporal.startChild = (type, { workflowId }) => {
    const work = workflows[type];
    if (work !== undefined) {
      orders.push(type);
      return { firstExecutionRunId: 'r', signal: () => Promise.resolve(), result: work };
    }
    const pair = workflowId.replace('workflow/', '');
    let [complete, fail]: [(result: unknown) => void, (why: Error) => void] = [
      () => undefined,
      () => undefined,
    ];
    const result = new Promise<unknown>((resolve, reject) => {
      [complete, fail] = [resolve, reject];
    });
    result.catch(() => undefined);
    setImmediate(() => {
      tell(pair, { state: 'prepared', primary, standby });
    });
    const signal = (name: string, why?: unknown) => {
      const cause = why as { type: string; message: string } | undefined;
      orders.push(`${name} ${pair}`);
      if (name === fleetFence) tell(pair, { state: 'verified', deadline: inTime });
      if (name === fleetConfirm) tell(pair, { state: 'ready' });
      if (name === fleetSwitch && !unopened.includes(pair)) tell(pair, { state: 'open' });
      if (name === fleetForward) complete(promoted);
      if (name === fleetUndo) fail(ApplicationFailure.nonRetryable(cause?.message ?? '', cause?.type));
      return Promise.resolve();
    };
    return { firstExecutionRunId: 'r', signal, result: () => result };
  };
  return orders;
}

const promote = (input: object = {}) =>
  asWorkflow(() =>
    promoteFleet({ pairs: ['a', 'b'], fence: { kind: 'read-only' }, ticket: 'OPS-1', ...input }),
  );
const failed = (message: string) =>
  new ChildWorkflowFailure(
    ...([undefined, { workflowId: 'w', runId: 'r' }, 'x', RetryState.NON_RETRYABLE_FAILURE] as const),
    new Error(message),
  );
const ofBoth = (...names: string[]) => names.flatMap((name) => [`${name} a`, `${name} b`]);
const servers = ['a', 'b'].map((pair) => ({ pair, primary, standby }));

beforeEach(() => {
  temporal.activities['checkHandoff'] = () => [];
});

describe('a fleet of promotions that is switched', () => {
  it('leads all pairs through each step together', async () => {
    const orders = promotions();
    expect(await promote()).toMatchObject({
      ...{ outcome: 'promoted', phase: 'done', findings: [] },
      pairs: [
        { pair: 'a', outcome: 'promoted' },
        { pair: 'b', outcome: 'promoted' },
      ],
      certificate: { outageMs: 1_000, pairs: [{ pair: 'a' }, { pair: 'b' }] },
    });
    expect(orders).toEqual(ofBoth(fleetFence, fleetConfirm, fleetSwitch, fleetForward));
  });

  it('asks the workflow before the switch, and moves the clients of all pairs with one workflow', async () => {
    const done = () => Promise.resolve(null);
    const orders = promotions({ mayWe: done, moveClients: done });
    await promote({ together: { beforeSwitch: operators('mayWe'), traffic: operators('moveClients') } });
    expect(orders).toEqual([
      ...[...ofBoth(fleetFence), 'mayWe', ...ofBoth(fleetConfirm, fleetSwitch, fleetForward), 'moveClients'],
    ]);
    const facts = { pairs: servers, rehearsal: false, ticket: 'OPS-1', requestedBy: null };
    expect(temporal.children.slice(-2).map(({ args: [argument] }) => argument)).toMatchObject([
      { purpose: 'before-switch', ...facts },
      { purpose: 'traffic', ...facts },
    ]);
  });

  it('moves the clients of a late pair after those of the others', async () => {
    const orders = promotions({ moveClients: () => Promise.resolve(null) }, ['b']);
    await promote({ together: { traffic: operators('moveClients') } });
    const moved = temporal.children.filter(({ type }) => type === 'moveClients');
    expect(
      moved.map(({ args: [argument] }) =>
        (argument as { pairs: { pair: string }[] }).pairs.map(({ pair }) => pair),
      ),
    ).toEqual([['a'], ['b']]);
    expect(orders.slice(-4)).toEqual([...ofBoth(fleetForward), 'moveClients', 'moveClients']);
  });

  it('moves the clients with one call, with the address of each new primary', async () => {
    promotions();
    const traffic = { http: { url: 'https://example.com/move' } };
    await promote({ together: { traffic } });
    const { host, port, database } = standby;
    expect(temporal.executions.filter(({ activity }) => activity === 'moveTraffic')).toMatchObject([
      {
        input: {
          call: traffic.http,
          pairs: ['a', 'b'].map((pair) => ({ pair, standby: { host, port, database } })),
        },
      },
    ]);
  });

  it('is unfinished if the clients could not be moved', async () => {
    promotions({ moveClients: () => Promise.reject(failed('the pooler is gone')) });
    const fleet = promote({ together: { traffic: operators('moveClients') } });
    await expect(fleet).rejects.toMatchObject({
      type: 'Unfinished',
      message: expect.stringMatching(/open and taking writes: a(, | and )b; .*the pooler is gone/u) as string,
      details: [{ findings: [{ code: 'TRAFFIC_NOT_MOVED' }] }],
    });
  });

  it('moves no clients in a rehearsal', async () => {
    const orders = promotions({ moveClients: () => Promise.resolve(null) });
    await promote({ rehearse: true, together: { traffic: operators('moveClients') } });
    expect(orders).not.toContain('moveClients');
  });
});

describe('a fleet of promotions that is undone', () => {
  const undone = (message: string | RegExp, type: string) => ({
    ...{ type, message: expect.stringMatching(message) as string },
    details: [{ phase: 'done', pairs: [{ outcome: 'undone' }, { outcome: 'undone' }] }],
  });

  it('is one whose workflow before the switch has vetoed it', async () => {
    const orders = promotions({ mayWe: () => Promise.reject(failed('a backup runs')) });
    const fleet = promote({ together: { beforeSwitch: operators('mayWe') } });
    await expect(fleet).rejects.toMatchObject(
      undone(/^mayWe \(together\.beforeSwitch\) vetoed the switch: a backup runs/u, 'Vetoed'),
    );
    expect(orders).toEqual([...ofBoth(fleetFence), 'mayWe', ...ofBoth(fleetUndo)]);
  });

  it('is one that somebody rejects while that workflow runs, which is cancelled', async () => {
    let answer: unknown;
    const orders = promotions({
      mayWe: () => {
        answer = temporal.handlers['decide']?.({ decision: 'reject', by: 'bob', reason: 'not now' });
        return new Promise(() => undefined);
      },
    });
    const fleet = promote({ together: { beforeSwitch: operators('mayWe') } });
    await expect(fleet).rejects.toMatchObject(
      undone(/^bob rejected the promotion of the fleet: not now/u, 'Rejected'),
    );
    expect(answer).toEqual({ state: 'rejected', approvals: 0, required: 0 });
    expect(orders).not.toContain(`${fleetConfirm} a`);
  });

  it('is one that is cancelled', async () => {
    const orders = promotions();
    const fleet = asWorkflow((cancel) => {
      temporal.activities['checkHandoff'] = () => [];
      temporal.whileWaiting.push(cancel);
      return promoteFleet({ pairs: ['a', 'b'], fence: { kind: 'read-only' } });
    });
    await expect(fleet).rejects.toMatchObject(undone(/^the fleet was cancelled/u, 'Cancelled'));
    expect(orders).not.toContain(`${fleetSwitch} a`);
  });
});

describe('what a fleet of promotions is told', () => {
  it('is refused, with a reason, if it is no rejection, or comes too late', async () => {
    promotions();
    const decide = (message: object) => temporal.handlers['decide']?.(message);
    const refused = (message: RegExp) =>
      expect.objectContaining({
        type: 'Refused',
        message: expect.stringMatching(message) as string,
      }) as Error;
    temporal.whileWaiting.push(() => {
      expect(() => decide({ decision: 'approve', by: 'alice' })).toThrow(refused(/takes no approval/u));
      expect(() => temporal.handlers[ANY_UPDATE]?.('stop', { by: 'bob' })).toThrow(/unknown update/u);
    });
    const { refused: list } = await promote();
    expect(list).toMatchObject([
      { kind: 'decide', by: 'alice' },
      { kind: 'stop', by: 'bob' },
    ]);
    expect(() => decide({ decision: 'reject', by: 'bob', reason: 'no' })).toThrow(refused(/^too late/u));
    const { refused: after } = temporal.handlers['status']?.() as { refused: unknown[] };
    expect(after).toHaveLength(3);
  });
});

describe('a fleet of promotions touches nothing', () => {
  const fails = async (input: object, type: string, message: RegExp) => {
    promotions();
    await expect(asWorkflow(() => promoteFleet(input))).rejects.toMatchObject({
      ...{ type, message: expect.stringMatching(message) as string },
      details: [{ phase: 'done' }],
    });
    expect(temporal.children).toEqual([]);
  };
  const noWorker = {
    ...{ severity: 'block', code: 'HANDOFF_NO_WORKER', sequence: null, count: 1 },
    ...{ message: 'no worker polls operations', remedy: 'start one' },
  };
  const together = { traffic: operators('moveClients') };
  const base = { pairs: ['a'], fence: { kind: 'read-only' } };

  it('with an invalid input', () => fails({ pairs: [] }, 'InvalidInput', /pairs/u));

  it('without a worker for its workflows, unless that is accepted', async () => {
    temporal.activities['checkHandoff'] = () => [noWorker];
    await fails({ ...base, together }, 'NotReady', /no worker polls operations.*; nothing was touched$/u);
    promotions({ moveClients: () => Promise.resolve(null) });
    expect(await promote({ together, accept: ['HANDOFF_NO_WORKER'] })).toMatchObject({ outcome: 'promoted' });
  });

  it('without a database', async () => {
    temporal.activities['listDatabases'] = () => ({ pairs: [], findings: [] });
    const pairs = [{ pair: 'a', databases: ['x*'] }];
    await fails({ ...base, pairs }, 'NotReady', /no database matches "databases"/u);
  });

  it('with more pairs than can be fenced together', async () => {
    temporal.activities['listDatabases'] = () => ({
      ...{ pairs: Array.from({ length: 101 }, (_, at) => `a/${at}`), findings: [] },
    });
    await fails({ ...base, pairs: [{ pair: 'a', databases: '*' }] }, 'InvalidInput', /found 101 pairs/u);
  });
});

import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Finding } from '../../../../src/contract/status.js';
import { ApprovalGate } from '../../../../workflows/failover/approval-gate.js';
import { closedGate } from '../../../../workflows/failover/gate-memory.js';
import { passGateAndHook } from '../../../../workflows/failover/pass-gate.js';
import type { Run } from '../../../../workflows/failover/run.js';
import { asWorkflow, reset, temporal } from './fake-temporal.js';
import { AT, block, failedAs, inTurn, NOW, quiet, runOf } from './run-example.js';

vi.mock('@temporalio/workflow', async (original) => ({
  ...(await original<object>()),
  ...(await import('./fake-temporal.js')).fakeTemporal,
}));

const confirmed = () => ({ lsn: '0/1', findings: [], subscriptions: { present: ['s'], toPrimary: ['s'] } });

beforeEach(() => {
  reset();
  vi.useFakeTimers({ toFake: ['Date'], now: NOW });
  temporal.activities['checkHandoff'] = () => [];
  temporal.activities['awaitReplication'] = confirmed;
  temporal.activities['recheckHeadroom'] = () => quiet();
  return () => vi.useRealTimers();
});

const pass = (run: Run) => asWorkflow(() => passGateAndHook(run));

const inputs = (wanted: string) =>
  temporal.executions.filter(({ activity }) => activity === wanted).map(({ input }) => input as object);

const approve = (run: Run, accept: string[] = []) => {
  const at = new Date().toISOString();
  expect(run.gate.approve({ by: 'alice', at, reason: null, accept })).toEqual({ stands: true });
};
const reject = (run: Run) => run.gate.reject('bob', 'no');
const later = (ms: number) => {
  vi.setSystemTime(Date.now() + ms);
};
const MINUTE = 60_000;

const warning: Finding = {
  ...{ severity: 'warn', code: 'DATA_NOT_CHECKED', sequence: 'public.a', count: 1 },
  ...{ message: 'not checked', remedy: 'look' },
};

describe('while a run waits at its gate', () => {
  it('a warning that went away counts as new when it comes back', async () => {
    temporal.activities['recheckHeadroom'] = inTurn(
      ...[() => quiet(), () => quiet({ findings: [warning] }), () => quiet()],
    );
    const run = runOf();
    run.setFindings('pages', [warning]);
    const states: string[] = [];
    const see = () => {
      states.push(run.gate.state);
      later(MINUTE);
    };
    temporal.whileWaiting.push(see, see, () => {
      see();
      reject(run);
    });
    await expect(pass(run)).rejects.toThrow(/bob rejected the failover: no/);
    expect(states).toEqual(['open', 'open', 'blocked']);
  });

  it('everything is checked again also when it has its approvals and waits for notBefore', async () => {
    const run = runOf({ approval: { notBefore: new Date(NOW + 10 * MINUTE).toISOString() } });
    temporal.whileWaiting.push(
      () => {
        approve(run);
      },
      () => {
        expect(run.gate.heldUntil).toBe(NOW + 10 * MINUTE);
        later(MINUTE);
      },
      () => {
        expect(inputs('recheckHeadroom')).toHaveLength(1);
        later(9 * MINUTE);
      },
    );
    await pass(run);
    expect(run.gate.state).toBe('approved');
    expect(temporal.whileWaiting).toEqual([]);
  });
});

describe('after an approval', () => {
  it('a run that has lost its lock ends', async () => {
    temporal.activities['lockPair'] = () => {
      throw failedAs('lockPair', 'NotReady');
    };
    const run = runOf();
    temporal.whileWaiting.push(() => {
      approve(run);
    });
    await expect(pass(run)).rejects.toMatchObject({ activityType: 'lockPair', cause: { type: 'NotReady' } });
  });

  it('a lock that cannot be checked for a while opens the gate again', async () => {
    temporal.activities['lockPair'] = inTurn(() => {
      throw failedAs('lockPair', 'Retryable');
    });
    const run = runOf();
    temporal.whileWaiting.push(
      () => {
        approve(run);
      },
      () => reject(run),
    );
    await expect(pass(run)).rejects.toThrow(/bob rejected/);
    expect(run.gate.memory.refused).toMatchObject([
      { kind: 'approve', by: 'alice', reason: 'the verification after the approval found LOOK_FAILED' },
    ]);
  });

  it('a primary that is back is waited for, although its loss was accepted', async () => {
    const run = runOf();
    run.setFindings('watch', [block('PRIMARY_UNREACHABLE')]);
    temporal.whileWaiting.push(() => {
      approve(run, ['PRIMARY_UNREACHABLE']);
    });
    await pass(run);
    expect(inputs('awaitReplication')).toMatchObject([{ withoutPrimary: true }, { withoutPrimary: false }]);
  });

  it('one that stays lost is not', async () => {
    temporal.activities['recheckHeadroom'] = () => {
      throw failedAs('recheckHeadroom', 'PrimaryUnreachable');
    };
    temporal.activities['recheckStandby'] = () => quiet({ primaryReadAt: null });
    const run = runOf();
    run.setFindings('watch', [block('PRIMARY_UNREACHABLE')]);
    temporal.whileWaiting.push(() => {
      approve(run, ['PRIMARY_UNREACHABLE']);
    });
    await pass(run);
    expect(inputs('awaitReplication')).toMatchObject([{ withoutPrimary: true }]);
  });
});

describe('after a hook that took long', () => {
  const hooks = { beforeHandoff: { workflowType: 'mayWeGo', taskQueue: 'operations' } };
  const hookTakes = (ms: number) => {
    temporal.startChild = () => ({
      ...{ firstExecutionRunId: 'r', signal: () => Promise.resolve() },
      result: () => {
        later(ms);
        return Promise.resolve({});
      },
    });
  };

  it('everything is verified again, and what that finds opens the gate', async () => {
    hookTakes(MINUTE);
    const gone = () => quiet({ findings: [block('MISSING_ON_STANDBY', 'public.a')] });
    temporal.activities['recheckHeadroom'] = inTurn(() => quiet(), gone);
    const run = runOf({ hooks });
    const states: string[] = [];
    temporal.whileWaiting.push(
      () => {
        approve(run);
      },
      () => {
        states.push(run.gate.state);
        reject(run);
      },
    );
    await expect(pass(run)).rejects.toThrow(/bob rejected/);
    expect(states).toEqual(['blocked']);
    expect(temporal.children).toHaveLength(1);
  });

  it('one that answers at once is believed', async () => {
    hookTakes(0);
    const run = runOf({ hooks });
    temporal.whileWaiting.push(() => {
      approve(run);
    });
    await pass(run);
    expect(inputs('recheckHeadroom')).toHaveLength(1);
  });
});

it('a gate that opens again forgets what was accepted and who has approved', () => {
  const lost = { code: 'PRIMARY_UNREACHABLE', sequence: null, count: 1 };
  const missing = { code: 'MISSING_ON_STANDBY', sequence: 'public.a', count: 1 };
  const gate = new ApprovalGate(closedGate(1));
  gate.open([lost], NOW, MINUTE);
  expect(gate.approve({ by: 'alice', at: AT, reason: null, accept: ['PRIMARY_UNREACHABLE'] })).toEqual({
    stands: true,
  });
  expect(gate.accepted(lost)).toBe(true);
  gate.reopen([lost, missing]);
  expect([gate.state, gate.accepted(lost), gate.memory.approvals]).toEqual(['blocked', false, []]);
  expect(gate.approve({ by: 'alice', at: AT, reason: null, accept: ['public.a'] })).toMatchObject({
    stands: false,
  });
});

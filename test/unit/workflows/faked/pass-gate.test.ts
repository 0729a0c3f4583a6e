import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Finding } from '../../../../src/contract/status.js';
import { ApprovalGate } from '../../../../workflows/failover/approval-gate.js';
import { closedGate } from '../../../../workflows/failover/gate-memory.js';
import { passGateAndHook } from '../../../../workflows/failover/pass-gate.js';
import type { Run } from '../../../../workflows/failover/run.js';
import { asWorkflow, inputsOf, reset, temporal } from './fake-temporal.js';
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
        expect(inputsOf('recheckHeadroom')).toHaveLength(1);
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
    expect(inputsOf('awaitReplication')).toMatchObject([{ withoutPrimary: true }, { withoutPrimary: false }]);
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
    expect(inputsOf('awaitReplication')).toMatchObject([{ withoutPrimary: true }]);
  });
});

describe('a finding after the approval that may clear soon', () => {
  const locked = block('READ_FAILED', 'public.a');
  const rechecks = () => inputsOf('recheckHeadroom').length;
  const approveFirst = (run: Run) =>
    temporal.whileWaiting.push(() => {
      approve(run);
    });

  it('is verified again, until it has cleared', async () => {
    const found = () => quiet({ findings: [locked] });
    temporal.activities['recheckHeadroom'] = inTurn(found, found, () => quiet());
    const run = runOf();
    approveFirst(run);
    await pass(run);
    expect([rechecks(), inputsOf('awaitReplication').length]).toEqual([3, 1]);
    expect(run.gate.memory).toMatchObject({ state: 'approved', refusedCount: 0 });
  });

  it('is waited for up to 20 seconds, and then opens the gate again', async () => {
    temporal.activities['recheckHeadroom'] = () => quiet({ findings: [locked] });
    const run = runOf();
    approveFirst(run);
    const tenSeconds = () => {
      later(10_000);
    };
    temporal.whileWaiting.push(tenSeconds, tenSeconds, () => {
      expect([run.gate.state, rechecks()]).toEqual(['blocked', 3]);
      reject(run);
    });
    await expect(pass(run)).rejects.toThrow(/bob rejected/);
    expect(temporal.whileWaiting).toEqual([]);
  });

  it('is not waited for beside one that stays', async () => {
    temporal.activities['recheckHeadroom'] = () =>
      quiet({ findings: [locked, block('MISSING_ON_STANDBY', 'public.b')] });
    const run = runOf();
    approveFirst(run);
    temporal.whileWaiting.push(() => {
      expect([run.gate.state, rechecks()]).toEqual(['blocked', 1]);
      reject(run);
    });
    await expect(pass(run)).rejects.toThrow(/bob rejected/);
    expect(temporal.whileWaiting).toEqual([]);
  });

  it('is not waited for after a rejection', async () => {
    temporal.activities['recheckHeadroom'] = () => quiet({ findings: [locked] });
    const run = runOf();
    approveFirst(run);
    temporal.whileWaiting.push(() => reject(run));
    await expect(pass(run)).rejects.toThrow(/bob rejected/);
    expect(rechecks()).toBe(1);
  });
});

describe('the verification after the approval', () => {
  const approved = (run: Run, accept: string[] = []) => {
    temporal.whileWaiting.push(() => {
      approve(run, accept);
    });
    return run;
  };
  const rejectNext = (run: Run) => {
    temporal.whileWaiting.push(() => reject(run));
  };

  it('is of no use after a rejection during its last step', async () => {
    const run = approved(runOf());
    temporal.activities['lockPair'] = () => reject(run);
    await expect(pass(run)).rejects.toThrow(/bob rejected/);
  });

  it('checks the lock of the pair last, since waiting for the standby may take long', async () => {
    await pass(approved(runOf()));
    expect(temporal.executions.map(({ activity }) => activity)).toEqual([
      ...['awaitReplication', 'recheckHeadroom', 'lockPair'],
    ]);
  });

  it('does not read the sequences if it cannot tell what the standby has confirmed', async () => {
    temporal.activities['awaitReplication'] = () => {
      throw failedAs('awaitReplication', 'StandbyUnreachable');
    };
    const run = approved(runOf());
    rejectNext(run);
    await expect(pass(run)).rejects.toThrow(/bob rejected/);
    expect(inputsOf('recheckHeadroom')).toEqual([]);
    expect(run.gate.memory.refused).toMatchObject([
      { reason: 'the verification after the approval found STANDBY_UNREACHABLE' },
    ]);
  });

  it('does not read the sequences while the standby lacks rows, unless somebody has accepted that', async () => {
    const late = [block('NOT_CAUGHT_UP')];
    temporal.activities['awaitReplication'] = () => ({ ...confirmed(), findings: late });
    const run = approved(runOf());
    temporal.whileWaiting.push(() => {
      expect([run.gate.state, inputsOf('recheckHeadroom')]).toEqual(['blocked', []]);
      approve(run, ['NOT_CAUGHT_UP']);
    });
    await pass(run);
    expect(inputsOf('recheckHeadroom')).toHaveLength(1);
    expect(run.gate.state).toBe('approved');
  });

  it.each([
    ['all subscriptions receive from the primary', {}, true],
    ['the position of the primary is not known', { lsn: null }, false],
    ['there is a finding', { findings: [{ ...warning, code: 'SUBSCRIPTION_LAG', sequence: null }] }, false],
    ['an older worker names no subscription', { subscriptions: undefined }, false],
    ['one receives from elsewhere', { subscriptions: { present: ['s', 't'], toPrimary: ['s'] } }, false],
  ])('tells the recheck whether the standby has everything: %s', async (_, answer, isComplete) => {
    temporal.activities['awaitReplication'] = () => ({ ...confirmed(), ...answer });
    await pass(approved(runOf()));
    const [recheck] = inputsOf('recheckHeadroom');
    expect(recheck).toMatchObject({ final: true });
    expect('confirmed' in (recheck ?? {})).toBe(isComplete);
  });

  it('waits for the standby as long as the input says', async () => {
    const awaited = async (approval: object) => {
      temporal.executions.length = 0;
      await pass(approved(runOf({ approval })));
      const [step] = temporal.executions.filter(({ activity }) => activity === 'awaitReplication');
      return { ...(step?.input as { timeoutMs?: number }), options: step?.options };
    };
    expect(await awaited({ replicationTimeout: '10 minutes' })).toMatchObject({
      ...{ timeoutMs: 600_000, options: { startToCloseTimeout: 660_000 } },
    });
    const usual = await awaited({});
    expect([usual.timeoutMs, usual.options?.['startToCloseTimeout']]).toEqual([undefined, undefined]);
  });

  it('says what it found, and who had approved', async () => {
    const found = () => quiet({ findings: [block('MISSING_ON_STANDBY', 'public.a'), block('SLOT_LOST')] });
    temporal.activities['recheckHeadroom'] = inTurn(found);
    const run = runOf({ approval: { required: 2 } });
    temporal.whileWaiting.push(() => {
      approve(run);
      const at = new Date().toISOString();
      run.gate.approve({ by: 'carol', at, reason: null, accept: [] });
    });
    rejectNext(run);
    await expect(pass(run)).rejects.toThrow(/bob rejected/);
    expect(run.gate.memory.refused).toEqual([
      {
        ...{ at: AT, kind: 'approve', by: 'alice, carol' },
        reason: 'the verification after the approval found public.a, SLOT_LOST',
      },
    ]);
    expect(run.isChecked('approve')).toBe(false);
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

  it('everything is verified again twice at most: the clocks may differ', async () => {
    hookTakes(0);
    const old = new Date(NOW - MINUTE).toISOString();
    temporal.activities['recheckHeadroom'] = () => quiet({ verifiedAt: old });
    const run = runOf({ hooks });
    temporal.whileWaiting.push(() => {
      approve(run);
    });
    await pass(run);
    expect(inputsOf('recheckHeadroom')).toHaveLength(3);
  });

  it.each([
    [5_000, 1],
    [5_001, 2],
  ])('a hook that takes %s ms leads to %s verifications', async (ms, count) => {
    hookTakes(ms);
    const run = runOf({ hooks });
    temporal.whileWaiting.push(() => {
      approve(run);
    });
    await pass(run);
    expect(inputsOf('recheckHeadroom')).toHaveLength(count);
  });

  it('one that answers at once is believed', async () => {
    hookTakes(0);
    const run = runOf({ hooks });
    temporal.whileWaiting.push(() => {
      approve(run);
    });
    await pass(run);
    expect(inputsOf('recheckHeadroom')).toHaveLength(1);
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

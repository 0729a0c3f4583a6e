import { describe, expect, it } from 'vitest';
import { digest } from '../../../src/steps/digest.js';
import type { FindingIdentity } from '../../../src/findings/finding-identity.js';
import type { Approval } from '../../../src/contract/gate.js';
import { ApprovalGate } from '../../../workflows/failover/approval-gate.js';

const outlier = (sequence: string): FindingIdentity => ({ code: 'OUTLIER_DATA', sequence, count: 1 });
const missing: FindingIdentity = { code: 'MISSING_ON_STANDBY', sequence: 'public.m', count: 1 };

function approval(by: string, said: Partial<Approval> = {}): Approval {
  return { by, at: '1970-01-01T00:00:30.000Z', reason: null, accept: [], ...said };
}

function opened(blocks: FindingIdentity[], required = 1): ApprovalGate {
  const gate = ApprovalGate.closed(required);
  gate.open(blocks, 1_000, 60_000);
  return gate;
}

const refused = (reason: RegExp) => ({ stands: false, reason: expect.stringMatching(reason) as string });

describe('what an approval says of rows', () => {
  it('stands for the block, is remembered with who said it, and is not an acceptance', () => {
    const gate = opened([outlier('public.a'), outlier('public.b'), outlier('public.c'), missing]);
    const said = { ignoreRows: ['public.a'], raisePastRows: ['public.b'], accept: ['public.c', 'public.m'] };
    expect(gate.approve(approval('alice', said))).toEqual({ stands: true });
    expect(gate.view()).toMatchObject({
      state: 'approved',
      approvals: [said],
      decidedRows: [
        { sequence: 'public.a', rows: 'ignore', by: 'alice' },
        { sequence: 'public.b', rows: 'raise', by: 'alice' },
      ],
    });
    const accepted = ['a', 'b', 'c'].map((name) => gate.accepted(outlier(`public.${name}`)));
    expect([...accepted, gate.accepted(missing)]).toEqual([false, false, true, true]);
  });

  it('is no more than that: other blocks of the sequence stand', () => {
    const gate = opened([outlier('public.a'), { ...missing, code: 'FEEDS_DIFFER', sequence: 'public.a' }]);
    expect(gate.approve(approval('alice', { ignoreRows: ['public.a'] }))).toEqual(
      refused(/^blocked by FEEDS_DIFFER on public\.a/u),
    );
    expect(gate.approve(approval('alice', { ignoreRows: ['public.a'], accept: ['public.a'] }))).toEqual(
      refused(/"public\.a" is named twice/u),
    );
    expect(
      gate.approve(approval('alice', { ignoreRows: ['public.a'], accept: ['FEEDS_DIFFER public.a'] })),
    ).toEqual({ stands: true });
  });

  it('is refused with each name once, whatever number of blocks it has', () => {
    const differs: FindingIdentity = { code: 'FEEDS_DIFFER', sequence: 'public.a', count: 1 };
    const gate = opened([outlier('public.a'), differs, differs]);
    expect(gate.approve(approval('alice'))).toEqual({
      stands: false,
      reason:
        'blocked by OUTLIER_DATA on public.a, FEEDS_DIFFER on public.a: fix the cause and signal resynchronize, or accept by name with {"accept": ["public.a"]}, or decide about the rows with {"ignoreRows": ["public.a"]} or {"raisePastRows": ["public.a"]}',
    });
    expect(gate.approve(approval('alice', { accept: ['public.x'] }))).toEqual(
      refused(/the present blocks are "public\.a"$/u),
    );
  });

  it('is refused for a name without such a block, and for one in both lists', () => {
    const gate = opened([missing, outlier('public.a')]);
    for (const name of ['public.m', 'public.x', '__proto__']) {
      expect(gate.approve(approval('alice', { raisePastRows: [name] }))).toEqual(
        refused(/no block OUTLIER_DATA is about/u),
      );
    }
    expect(
      gate.approve(approval('alice', { ignoreRows: ['public.a'], raisePastRows: ['public.a'] })),
    ).toEqual(refused(/named twice/u));
    expect(gate.memory.decidedRows).toBeUndefined();
  });

  it('is offered where a block stands that only it can lift', () => {
    expect(opened([outlier('public.a')]).approve(approval('alice'))).toEqual(
      refused(
        /"accept": \["public\.a"\]\}, or decide about the rows with \{"ignoreRows": \["public\.a"\]\}/u,
      ),
    );
  });

  it('must be the same for all approvers', () => {
    const gate = opened([outlier('public.a')], 2);
    expect(gate.approve(approval('alice', { ignoreRows: ['public.a'] }))).toEqual({ stands: true });
    for (const said of [{ raisePastRows: ['public.a'] }, { accept: ['public.a'] }]) {
      expect(gate.approve(approval('bob', said))).toEqual(refused(/^alice decided differently/u));
    }
    expect(gate.memory.decidedRows).toBeUndefined();
    // One who thinks better of it only replaces their own approval.
    expect(gate.approve(approval('alice', { raisePastRows: ['public.a'] }))).toEqual({ stands: true });
    expect(gate.approve(approval('bob', { raisePastRows: ['public.a'] }))).toEqual({ stands: true });
    expect(gate.memory).toMatchObject({ state: 'approved', decidedRows: [{ rows: 'raise', by: 'bob' }] });
  });

  it('stands for one block of many sequences where it names them all', () => {
    const many: FindingIdentity = {
      code: 'OUTLIER_DATA',
      sequence: null,
      count: 2,
      things: [digest('public.a'), digest('public.b')],
    };
    expect(opened([many]).approve(approval('alice', { ignoreRows: ['public.a'] }))).toEqual(
      refused(/^blocked by OUTLIER_DATA/u),
    );
    const both = { ignoreRows: ['public.a'], raisePastRows: ['public.b'] };
    expect(opened([many]).approve(approval('alice', both))).toEqual({ stands: true });
  });
});

describe('what a resynchronization says of rows', () => {
  it('holds from then on, and can be changed', () => {
    const gate = opened([outlier('public.a')]);
    expect(gate.resynchronize('alice', { ignoreRows: ['public.a'] })).toEqual({ stands: true });
    gate.close();
    gate.open([], 1_000, 60_000);
    expect(gate.view().decidedRows).toEqual([{ sequence: 'public.a', rows: 'ignore', by: 'alice' }]);
    expect(gate.resynchronize('bob', { raisePastRows: ['public.b'] })).toEqual(
      refused(/no block OUTLIER_DATA/u),
    );
    expect(gate.resynchronize('bob', { raisePastRows: ['public.a'] })).toEqual({ stands: true });
    expect(gate.view().decidedRows).toEqual([{ sequence: 'public.a', rows: 'raise', by: 'bob' }]);
  });
});

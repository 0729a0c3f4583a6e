import picocolors from 'picocolors';
import { describe, expect, it } from 'vitest';
import {
  approvalLines,
  blocksLeft,
  refusedApprovalLines,
  unknownNamesLines,
  withoutUnknownNames,
} from '../../../src/terminal/approval-lines.js';
import { atGate, before, finding, NOW, openGate } from './statuses.js';

const look = { colors: picocolors.createColors(false), width: 100 };
const blocks = [
  { code: 'OUTLIER_DATA', sequence: 'public.a' },
  { code: 'TABLES_NOT_READY', sequence: null },
];
const status = atGate({
  gate: {
    ...{ ...openGate, state: 'blocked', blockedBy: blocks },
    approvals: [{ by: 'bob', at: before(30), reason: 'looks right', accept: ['public.a'] }],
  },
  findings: [
    finding('NO_SUBSCRIPTION', null, { severity: 'warn', message: 'there is no subscription' }),
    finding('OUTLIER_DATA', 'public.a', { message: 'rows are far ahead', remedy: 'look at them' }),
    finding('TABLES_NOT_READY', null, { message: 'public.t is still copied', remedy: 'wait' }),
  ],
});

it('says before the question which names belong to no block', () => {
  const accepting = { accept: ['NOSUCH', 'public.a', 'TABLES_NOT_READY public.t'] };
  const { unknown } = withoutUnknownNames(status, accepting);
  expect(unknownNamesLines(unknown, 'sequence-failover approve a --by alice')).toEqual([
    'No block above has the name NOSUCH, and an approval that names no block is refused. Without it: sequence-failover approve a --by alice',
  ]);
  expect(unknownNamesLines([], 'unused')).toEqual([]);
});

describe('what is approved', () => {
  it('is shown with each block, how to accept it, earlier approvals and what follows', () => {
    const view = {
      workflowId: 'failover-orders',
      by: 'alice',
      status,
      accepting: { accept: ['TABLES_NOT_READY'] },
      now: NOW,
    };
    const lines = approvalLines(view, look);
    expect(lines.slice(-16)).toEqual([
      'gate       blocked: 1 of 2 approvals, by bob',
      'deadline   2026-05-01T04:15:00.000Z, in 2 hours 5 minutes',
      `approved   bob at ${before(30)}: looks right; accepted public.a`,
      '',
      'block OUTLIER_DATA',
      '  rows are far ahead',
      '  → look at them',
      '  To accept it: --accept public.a, or decide about its rows: --ignore-rows public.a or --raise-past-rows public.a',
      '',
      'block TABLES_NOT_READY',
      '  public.t is still copied',
      '  → wait',
      '  This approval accepts it',
      '',
      'warn NO_SUBSCRIPTION there is no subscription',
      'In full, with what to do: sequence-failover status failover-orders',
    ]);
    expect(lines).toContain('verified   12 seconds ago, at 2026-05-01T02:09:48.000Z');

    // In a narrow terminal, words are not broken.
    expect(approvalLines(view, { ...look, width: 30 }).slice(-3)).toEqual([
      'warn NO_SUBSCRIPTION there',
      '  is no subscription',
      'In full, with what to do: sequence-failover status failover-orders',
    ]);

    // What follows is said only if the approval accepts every block: else nothing is sent.
    const accepting = { accept: ['TABLES_NOT_READY', 'public.a'] };
    expect(approvalLines({ ...view, accepting }, look).slice(-3)).toEqual([
      '',
      'This is the last approval that is needed: the run verifies every sequence once more, and completes.',
      'It starts no promotion: promote the standby yourself.',
    ]);
  });

  it('says that more approvals are needed', () => {
    const view = {
      workflowId: 'w',
      by: 'alice',
      status: atGate({ gate: { ...openGate, required: 3 } }),
      accepting: {},
      now: NOW,
    };
    expect(approvalLines(view, look).at(-1)).toBe('After this approval 2 more are needed, by other people.');
  });

  it('says that an approval of the same person replaces the earlier one, so that it is not the last', () => {
    const gate = {
      ...openGate,
      required: 2,
      approvals: [{ by: 'bob', at: before(30), reason: null, accept: [] }],
    };
    const view = { workflowId: 'w', by: 'Bob', status: atGate({ gate }), accepting: {}, now: NOW };
    expect(approvalLines(view, { ...look, width: 200 }).at(-1)).toBe(
      'Bob has approved already: this approval replaces the earlier one. After this approval 1 more is needed, by another person.',
    );
  });
});

it.each([
  ['public.t', '  This approval accepts it'],
  ['public.other', '  To accept it: --accept TABLES_NOT_READY'],
])('with --accept "TABLES_NOT_READY %s" the block on public.t says: %s', (thing, line) => {
  const accepting = { accept: [`TABLES_NOT_READY ${thing}`] };
  const lines = approvalLines({ workflowId: 'w', by: 'alice', status, accepting, now: NOW }, look);
  expect(lines.slice(lines.indexOf('block TABLES_NOT_READY')).slice(3, 4)).toEqual([line]);
});

describe('what an approval leaves blocked', () => {
  it.each([
    [{}, ['OUTLIER_DATA', 'TABLES_NOT_READY']],
    [{ accept: ['public.a'] }, ['TABLES_NOT_READY']],
    [{ ignoreRows: ['public.a'], accept: ['TABLES_NOT_READY public.t'] }, []],
    [{ raisePastRows: ['public.a'], accept: ['public.t'] }, ['TABLES_NOT_READY']],
  ])('%j', (accepting, left) => {
    expect(blocksLeft(status, accepting).map(({ code }) => code)).toEqual(left);
  });

  it('comes with the whole command that accepts everything', () => {
    const left = blocksLeft(status, { accept: ['public.a'] });
    expect(
      refusedApprovalLines(left, {
        approve: 'approve w --by x --ignore-rows public.a',
        resynchronize: 'resynchronize w --by x',
      }),
    ).toEqual([
      'Nothing was sent: 1 block is not accepted by this approval.',
      'Fix what blocks, then: resynchronize w --by x',
      'Or accept by name: approve w --by x --ignore-rows public.a --accept TABLES_NOT_READY',
    ]);
  });

  it('comes with a command without the names that no block has', () => {
    const names = { accept: ['public.a', 'public.ab', 'TABLES_NOT_READY public.t', 'SLOT_LOST x'] };
    expect(withoutUnknownNames(status, names)).toEqual({
      known: {
        accept: ['public.a', 'TABLES_NOT_READY public.t'],
        ...{ ignoreRows: [], raisePastRows: [] },
      },
      unknown: ['public.ab', 'SLOT_LOST x'],
    });
    // A misspelt name of a decision about rows, too.
    const rows = { ignoreRows: ['public.a'], raisePastRows: ['public.aa'] };
    expect(withoutUnknownNames(status, rows)).toEqual({
      known: { accept: [], ignoreRows: ['public.a'], raisePastRows: [] },
      unknown: ['public.aa'],
    });
    const left = blocksLeft(status, { accept: ['public.a', 'public.ab'] });
    expect(
      refusedApprovalLines(
        left,
        { approve: 'approve w --accept public.a', resynchronize: 'resynchronize w' },
        { leftOut: ['public.ab'] },
      ),
    ).toEqual([
      'Nothing was sent: 1 block is not accepted by this approval.',
      'Fix what blocks, then: resynchronize w',
      'No block has the name public.ab, so the next command leaves it out.',
      'Or accept by name: approve w --accept public.a --accept TABLES_NOT_READY',
    ]);
  });

  it.each([
    {
      ...{ decided: [], advised: '--ignore-rows public.a' },
      words: 'ignore the rows beyond the sequence (or --raise-past-rows: set it past them)',
    },
    {
      ...{
        decided: [{ sequence: 'public.a', rows: 'ignore' as const, by: 'x' }],
        advised: '--accept public.a',
      },
      words: 'accept by name',
    },
  ])('advises no decision about rows again that has not removed the block: $advised', (given) => {
    const left = [{ code: 'OUTLIER_DATA', sequence: 'public.a' }] as const;
    expect(
      refusedApprovalLines(
        left,
        { approve: 'approve w', resynchronize: 'resynchronize w' },
        { decided: given.decided },
      ).at(-1),
    ).toBe(`Or ${given.words}: approve w ${given.advised}`);
  });

  it('says so of what nobody can accept, and what to do', () => {
    const unreachable = atGate({
      gate: { ...openGate, blockedBy: [{ code: 'STANDBY_UNREACHABLE', sequence: null }] },
      findings: [finding('STANDBY_UNREACHABLE', null, { message: 'no answer', remedy: 'start it' })],
    });
    const left = blocksLeft(unreachable, { accept: ['STANDBY_UNREACHABLE'] });
    expect(refusedApprovalLines(left, { approve: 'approve', resynchronize: 'resynchronize' })).toEqual([
      'Nothing was sent: STANDBY_UNREACHABLE cannot be accepted. Fix the cause; the next recheck clears it.',
    ]);
    const view = { workflowId: 'w', by: 'alice', status: unreachable, accepting: {}, now: NOW };
    expect(approvalLines(view, look)).toContain(
      '  Nobody can accept it, because nothing could be verified: fix the cause, and the next recheck clears it',
    );
  });
});

import { describe, expect, it } from 'vitest';
import { digest } from '../../../src/steps/digest.js';
import { dataNotChecked } from '../../../src/planning/sequence/sequence-findings.js';
import { ApprovalGate } from '../../../workflows/failover/approval-gate.js';
import type { SideOfPair } from '../../../src/contract/side.js';
import type { FindingIdentity } from '../../../src/findings/finding-identity.js';
import type { GateMemory } from '../../../workflows/failover/gate-memory.js';

const AT = '1970-01-01T00:00:30.000Z';
const approval = (by: string, accept: string[] = []) => ({ by, at: AT, reason: null, accept });
const missing: FindingIdentity = { code: 'MISSING_ON_STANDBY', sequence: 'public.a', count: 1 };
const late: FindingIdentity = { code: 'NOT_CAUGHT_UP', sequence: null, count: 1 };

function opened(blocks: FindingIdentity[] = [], required = 1): ApprovalGate {
  const gate = ApprovalGate.closed(required);
  gate.open(blocks, 1_000, 60_000);
  return gate;
}

describe('the approval gate', () => {
  it('refuses approvals while it is closed, and remembers nothing of them', () => {
    const gate = ApprovalGate.closed(1);
    expect([gate.approve(approval('a')), gate.resynchronize('a')]).toEqual(
      Array(2).fill({ stands: false, reason: expect.stringContaining('the gate is closed') as string }),
    );
    gate.open([], 1_000, 60_000);
    expect(gate.view()).toMatchObject({ state: 'open', approvals: [], deadline: '1970-01-01T00:01:01.000Z' });
  });

  it.each([
    ['closed', () => ApprovalGate.closed(1)],
    ['open', () => opened()],
    ['blocked', () => opened([missing])],
    [
      'about to be resynchronized',
      () => {
        const gate = opened();
        gate.resynchronize('a');
        return gate;
      },
    ],
    [
      'closed again',
      () => {
        const gate = opened();
        gate.close();
        return gate;
      },
    ],
    [
      'approved',
      () => {
        const gate = opened();
        gate.approve(approval('a'));
        return gate;
      },
    ],
  ])('hears a rejection while it is %s, and nothing opens it after that', (_, prepared) => {
    const gate = prepared();
    expect(gate.reject('bob', 'no')).toEqual({ stands: true });
    gate.open([], 1_000, 60_000);
    gate.setBlocks([]);
    gate.timeOut();
    expect(gate.state).toBe('rejected');
    expect(gate.memory.rejection).toEqual({ by: 'bob', reason: 'no' });
    expect([gate.reject('eve', 'too'), gate.approve(approval('eve'))]).toEqual(
      Array(2).fill({ stands: false, reason: 'the run was rejected already' }),
    );
  });

  it('hears no rejection once the handoff has begun', () => {
    const gate = opened();
    gate.approve(approval('a'));
    gate.seal();
    expect(gate.reject('bob', 'no')).toMatchObject({ stands: false });
  });

  it('heard none while it was closed in the histories of earlier versions', () => {
    expect(ApprovalGate.closed(1).reject('bob', 'no', false)).toMatchObject({ stands: false });
    expect(opened().reject('bob', 'no', false)).toEqual({ stands: true });
  });

  it('counts two spellings of one name once, and keeps the later one', () => {
    const gate = opened([], 2);
    for (const by of ['José', 'JOSE\u0301', 'straße', 'STRASSE']) gate.approve(approval(by));
    expect(gate.view()).toMatchObject({
      state: 'approved',
      approvals: [{ by: 'JOSE\u0301' }, { by: 'straße' }],
    });
  });

  it('opens for as many different people as are required, and counts one who repeats himself once', () => {
    const gate = opened([], 2);
    expect(gate.approve(approval('alice'))).toEqual({ stands: true });
    expect(gate.approve(approval('alice'))).toEqual({ stands: true });
    expect(gate.view()).toMatchObject({ state: 'open', approvals: [{ by: 'alice' }] });
    expect(gate.approve(approval('bob'))).toEqual({ stands: true });
    expect(gate.state).toBe('approved');
  });

  it('stays shut for a block until an approver accepts each by name', () => {
    const gate = opened([missing, late]);
    expect(gate.state).toBe('blocked');
    expect(gate.approve(approval('alice'))).toMatchObject({ stands: false });
    expect(gate.approve(approval('alice', ['public.a']))).toEqual({
      stands: false,
      reason:
        'blocked by NOT_CAUGHT_UP: fix the cause and signal resynchronize, or accept by name with {"accept": ["NOT_CAUGHT_UP"]}',
    });
    expect(gate.approve(approval('alice', ['public.a', 'NOT_CAUGHT_UP']))).toEqual({ stands: true });
    expect(gate.state).toBe('approved');
    expect([gate.accepted(missing), gate.accepted({ ...missing, sequence: 'public.b' })]).toEqual([
      true,
      false,
    ]);
  });

  it('refuses an approval that accepts what does not stand', () => {
    const gate = opened();
    expect(gate.approve(approval('alice', ['public.z']))).toEqual({
      stands: false,
      reason: 'nothing to accept under the name "public.z"; there is no block, so leave accept out',
    });
    expect(gate.view().approvals).toEqual([]);
  });

  it.each(['STANDBY_UNREACHABLE', 'LOOK_FAILED'])('takes no approval while %s stands', (code) => {
    const gate = opened([missing, { code, sequence: null, count: 1 }]);
    expect(gate.approve(approval('alice', ['public.a', code]))).toEqual({
      stands: false,
      reason: `blocked by ${code}, which nobody can accept, because nothing could be verified: fix the cause and wait for the next recheck`,
    });
    expect(gate.view()).toMatchObject({ state: 'blocked', approvals: [] });
    gate.setBlocks([missing]);
    expect(gate.approve(approval('alice', ['public.a']))).toEqual({ stands: true });
  });

  it('does not take the code of a block that stands on a sequence', () => {
    expect(opened([missing]).approve(approval('alice', ['MISSING_ON_STANDBY']))).toMatchObject({
      stands: false,
    });
  });

  it('forgets approvals when a new block appears, and keeps them when one goes away', () => {
    const gate = opened([missing], 2);
    gate.approve(approval('alice', ['public.a']));
    gate.setBlocks([]);
    expect(gate.view()).toMatchObject({ state: 'open', approvals: [{ by: 'alice' }] });
    gate.setBlocks([late]);
    expect(gate.view()).toMatchObject({ state: 'blocked', approvals: [] });
  });

  it('takes one more sequence behind a folded block for a new block', () => {
    const folded: FindingIdentity = { code: 'MISSING_ON_STANDBY', sequence: null, count: 300 };
    const gate = opened([folded]);
    gate.approve(approval('alice', ['MISSING_ON_STANDBY']));
    expect([gate.accepted(folded), gate.accepted({ ...folded, count: 301 })]).toEqual([true, false]);
  });

  it('takes other sequences behind a folded block, or another slot, for a new block', () => {
    const folded: FindingIdentity = {
      code: 'MISSING_ON_STANDBY',
      sequence: null,
      count: 300,
      subject: 'a digest',
    };
    const slot: FindingIdentity = { ...late, subject: 'slot_a' };
    const gate = opened([folded, slot]);
    gate.approve(approval('alice', ['MISSING_ON_STANDBY', 'NOT_CAUGHT_UP']));
    expect([
      gate.accepted(folded),
      gate.accepted({ ...folded, count: 260, subject: 'another digest' }),
      gate.accepted(slot),
      gate.accepted({ ...slot, subject: 'slot_b' }),
    ]).toEqual([true, false, true, false]);
    const two = opened([slot], 2);
    two.approve(approval('alice', ['NOT_CAUGHT_UP']));
    two.setBlocks([{ ...slot, subject: 'slot_b' }]);
    expect(two.view().approvals).toEqual([]);
  });

  it('covers by an acceptance what stood then, however it is folded, and no table or sequence more', () => {
    const tables = (...names: string[]): FindingIdentity => ({
      ...{ code: 'TABLES_NOT_READY', sequence: null, count: names.length, subject: 'sub' },
      things: names.map(digest),
    });
    const gate = opened([tables('public.a', 'public.b'), missing]);
    gate.approve(approval('alice', ['TABLES_NOT_READY', 'public.a']));
    const folded = (...names: string[]): FindingIdentity => ({
      ...{ code: 'MISSING_ON_STANDBY', sequence: null, count: names.length, subject: 'sum' },
      things: names.map(digest),
    });
    expect([
      gate.accepted(tables('public.b', 'public.a')),
      gate.accepted(tables('public.b')),
      gate.accepted(tables('public.c')),
      gate.accepted(tables('public.a', 'public.b', 'public.c')),
      gate.accepted(folded('public.a')),
      gate.accepted(folded('public.a', 'public.b')),
    ]).toEqual([true, true, false, false, true, false]);
    const other = opened([folded('public.a', 'public.b')]);
    other.approve(approval('alice', ['MISSING_ON_STANDBY']));
    expect([other.accepted(missing), other.accepted({ ...missing, sequence: 'public.c' })]).toEqual([
      true,
      false,
    ]);
  });

  it('takes the code with the name of one thing for that thing alone', () => {
    const tables: FindingIdentity = {
      ...{ code: 'TABLES_NOT_READY', sequence: null, count: 2, subject: 'sub' },
      things: ['public.a', 'public."B c"'].map(digest),
    };
    const slots = ['slot_a', 'slot_b'].map((subject): FindingIdentity => ({ ...late, subject }));
    const gate = opened([tables, ...slots, missing]);
    const approve = (...accept: string[]) => gate.approve(approval('alice', accept));
    const rest = ['NOT_CAUGHT_UP slot_a', 'NOT_CAUGHT_UP slot_b', 'MISSING_ON_STANDBY public.a'];
    expect(approve('TABLES_NOT_READY public.a', ...rest)).toMatchObject({
      reason: expect.stringMatching(/^blocked by TABLES_NOT_READY: /) as string,
    });
    expect(approve('TABLES_NOT_READY public.c', ...rest)).toMatchObject({
      reason: expect.stringMatching(
        /^nothing to accept under the name "TABLES_NOT_READY public\.c"/,
      ) as string,
    });
    expect(approve('TABLES_NOT_READY', rest[0] ?? '', rest[2] ?? '')).toMatchObject({
      reason: expect.stringMatching(/^blocked by NOT_CAUGHT_UP/) as string,
    });
    expect(approve('TABLES_NOT_READY public.a', 'TABLES_NOT_READY public."B c"', ...rest)).toEqual({
      stands: true,
    });
  });

  it('knows the warnings that stood when it opened, until it is closed', () => {
    const gate = opened();
    const warning: FindingIdentity = { code: 'DATA_NOT_CHECKED', sequence: 'public.a', count: 1 };
    expect([gate.hasNotedWarnings, gate.isNewWarning(warning)]).toEqual([false, false]);
    gate.noteWarnings([warning]);
    expect([gate.isNewWarning(warning), gate.isNewWarning({ ...warning, sequence: 'public.b' })]).toEqual([
      false,
      true,
    ]);
    gate.close();
    expect(gate.hasNotedWarnings).toBe(false);
  });

  it('takes rows that were not looked at for news where they were looked at when it opened', () => {
    const gate = opened();
    const unread = (side: SideOfPair, ...columns: string[]) =>
      dataNotChecked('public.a', side, { reason: 'locked', remedy: 'wait', columns });
    gate.noteWarnings([unread('primary'), unread('standby', 'public.t.id')]);
    expect(
      [
        unread('primary'),
        unread('standby', 'public.t.id'),
        unread('standby', 'public.u.id'),
        unread('standby', 'public.t.id', 'public.u.id'),
      ].map((one) => gate.isNewWarning(one)),
    ).toEqual([false, false, true, true]);
    gate.noteWarnings([unread('primary')]);
    expect(gate.isNewWarning(unread('standby', 'public.t.id'))).toBe(true);
    // From an older worker, which did not say what.
    gate.noteWarnings([{ code: 'DATA_NOT_CHECKED', sequence: 'public.a', count: 1 }]);
    expect(gate.isNewWarning(unread('standby', 'public.t.id'))).toBe(false);
  });

  it('takes a warning that had passed for news when it comes back', () => {
    const gate = opened();
    const warning = (sequence: string): FindingIdentity => ({ code: 'NO_DEFAULT', sequence, count: 1 });
    const folded: FindingIdentity = {
      code: 'CYCLES',
      sequence: null,
      count: 3,
      subject: 's',
      things: ['a', 'b', 'c'],
    };
    const older: FindingIdentity = { code: 'DATA_NOT_CHECKED', sequence: 'public.a', count: 1 };
    gate.noteWarnings([warning('public.a'), warning('public.b'), folded, older]);
    gate.dropClearedWarnings([
      warning('public.b'),
      { ...folded, count: 2, things: ['b', 'c'] },
      { ...older, things: ['x'] },
    ]);
    expect(
      [
        warning('public.a'),
        warning('public.b'),
        folded,
        { ...folded, count: 1, things: ['c'] },
        { ...older, things: ['x'] },
      ].map((one) => gate.isNewWarning(one)),
    ).toEqual([true, false, true, false, false]);
    gate.dropClearedWarnings([]);
    expect(gate.isNewWarning(warning('public.b'))).toBe(true);
  });

  it('takes few values that are left on the standby for news, unless somebody has decided to pass rows there', () => {
    const gate = opened();
    const near: FindingIdentity = { code: 'STANDBY_LIMIT', sequence: 'public.a', count: 1 };
    gate.noteWarnings([near]);
    expect([gate.isNewWarning(near), gate.isNewWarning({ ...near, sequence: 'public.b' })]).toEqual([
      false,
      true,
    ]);
    const memory = {
      ...gate.memory,
      decidedRows: [{ sequence: 'public.b', rows: 'raise' as const, by: 'alice' }],
    };
    const decided = new ApprovalGate(memory as GateMemory);
    expect(
      [near, { ...near, sequence: 'public.b' }, { ...near, sequence: 'public.c' }].map((one) =>
        decided.isNewWarning(one),
      ),
    ).toEqual([false, false, true]);
    // An earlier version, for which this was no block, has opened the gate.
    const earlier = opened();
    earlier.noteWarnings([], false);
    expect(earlier.isNewWarning(near)).toBe(false);
  });

  it('accepts rows that were not looked at by the sequence, or by the code and the sequence', () => {
    const block = dataNotChecked('public.a', 'standby', {
      reason: 'locked',
      remedy: 'wait',
      columns: ['public.t.id'],
    });
    for (const name of ['public.a', 'DATA_NOT_CHECKED public.a'])
      expect(opened([block]).approve(approval('alice', [name]))).toEqual({ stands: true });
  });

  it('keeps what has approved it when a look that was under way ends badly: the verification decides', () => {
    const gate = opened();
    gate.approve(approval('alice'));
    gate.setBlocks([{ code: 'STANDBY_UNREACHABLE', sequence: null, count: 1 }]);
    expect(gate.view()).toMatchObject({ state: 'approved', approvals: [{ by: 'alice' }] });
    gate.setBlocks([]);
    expect(gate.view()).toMatchObject({ state: 'approved', approvals: [{ by: 'alice' }], blockedBy: [] });
  });

  it('can be rejected after the approval, until the handoff has begun', () => {
    const gate = opened();
    gate.approve(approval('alice'));
    gate.seal();
    expect(gate.reject('bob', 'stop')).toMatchObject({ stands: false });
    const other = opened();
    other.approve(approval('alice'));
    expect(other.reject('bob', 'stop')).toEqual({ stands: true });
    expect(other.memory.rejection).toEqual({ by: 'bob', reason: 'stop' });
  });

  it('is blocked again, with nothing approved, when the fresh verification does not bear an approval out', () => {
    const gate = opened();
    gate.approve(approval('alice'));
    gate.reopen([late]);
    expect(gate.view()).toMatchObject({
      state: 'blocked',
      approvals: [],
      blockedBy: [{ code: 'NOT_CAUGHT_UP', sequence: null }],
    });
    expect(gate.accepted(late)).toBe(false);
  });

  it('keeps the deadline of its first opening through a resynchronization', () => {
    const gate = opened();
    gate.resynchronize('alice');
    expect(gate.approve(approval('bob'))).toMatchObject({ stands: false });
    gate.close();
    gate.open([], 30_000, 60_000);
    expect(gate.view()).toMatchObject({ state: 'open', deadline: '1970-01-01T00:01:01.000Z' });
  });

  it('takes no approval at its deadline or later, though the timer has not fired yet', () => {
    const gate = opened();
    const at = (time: string) => gate.approve({ ...approval('alice'), at: `1970-01-01T00:01:${time}Z` });
    expect(at('01.000')).toEqual({ stands: false, reason: 'the time for an approval has run out' });
    expect(gate.view()).toMatchObject({ state: 'open', approvals: [] });
    expect(at('00.999')).toEqual({ stands: true });
  });

  it('does not time out once it is decided, and refuses approvals once it has', () => {
    const approved = opened();
    approved.approve(approval('alice'));
    approved.timeOut();
    expect(approved.state).toBe('approved');
    const late = opened();
    late.timeOut();
    expect([late.state, late.approve(approval('alice'))]).toMatchObject(['timed-out', { stands: false }]);
  });

  it('keeps the last 50 refusals and counts all', () => {
    const gate = opened();
    for (let n = 1; n <= 120; n += 1) gate.refuse({ at: AT, kind: 'approve', by: null, reason: String(n) });
    const { refused, refusedCount } = gate.view();
    expect([refused.length, refused[0]?.reason, refused.at(-1)?.reason, refusedCount]).toEqual([
      50,
      '71',
      '120',
      120,
    ]);
  });

  it('survives as JSON', () => {
    const gate = opened([missing], 2);
    gate.approve(approval('alice', ['public.a']));
    const copy = new ApprovalGate(JSON.parse(JSON.stringify(gate.memory)) as GateMemory);
    expect(copy.view()).toEqual(gate.view());
  });

  it('takes names of any length where an earlier version has taken them', () => {
    const gate = opened(
      Array.from({ length: 100 }, (_, index) => ({ ...missing, sequence: `${'x'.repeat(200)}${index}` })),
      20,
    );
    const long = approval('alice', [...gate.memory.blocks.map(({ sequence }) => sequence ?? '')]);
    expect(gate.isTooLong(long)).toBe(true);
    expect(gate.approve(long)).toMatchObject({ stands: false });
    expect(gate.approve(long, { bounded: false })).toEqual({ stands: true });
  });

  it('takes no more names to accept than every status can carry, and refuses the first approver rather than the last', () => {
    const blocks = (name: string): FindingIdentity[] =>
      Array.from({ length: 199 }, (_, index) => ({
        code: 'MISSING_ON_STANDBY',
        sequence: `public.${name}${index}`,
        count: 1,
      }));
    const accept = (all: FindingIdentity[]) => all.map(({ sequence }) => sequence ?? '');
    const long = blocks('\u0001'.repeat(120));
    expect(opened(long, 20).approve(approval('a', accept(long)))).toMatchObject({
      stands: false,
      reason: expect.stringContaining('room for 15000 bytes of names') as string,
    });
    expect(opened(long, 1).approve(approval('a', accept(long)))).toEqual({ stands: true });
    const usual = blocks('x'.repeat(60));
    const gate = opened(usual, 20);
    for (let index = 1; index <= 20; index += 1)
      expect(gate.approve(approval(`approver ${index}`, accept(usual)))).toEqual({ stands: true });
    expect(gate.state).toBe('approved');
    expect(JSON.stringify(gate.view()).length).toBeLessThan(400_000);
  });
});

describe('a gate with notBefore', () => {
  const NOT_BEFORE = 30_000;
  const at = (ms: number, by: string, accept: string[] = []) => ({
    ...approval(by, accept),
    at: new Date(ms).toISOString(),
  });
  const held = (blocks: FindingIdentity[] = []) => {
    const gate = ApprovalGate.closed(1, NOT_BEFORE);
    gate.open(blocks, 1_000, 60_000);
    expect(
      gate.approve(
        at(
          2_000,
          'alice',
          blocks.map(({ sequence, code }) => sequence ?? code),
        ),
      ),
    ).toEqual({ stands: true });
    return gate;
  };

  it('waits with its approvals, and takes no others', () => {
    const gate = held();
    expect(gate.view()).toMatchObject({
      ...{ state: 'open', approvals: [{ by: 'alice' }] },
      heldUntil: '1970-01-01T00:00:30.000Z',
    });
    expect(gate.approve(at(3_000, 'bob'))).toEqual({
      stands: false,
      reason:
        'the gate has all its approvals already, and waits until 1970-01-01T00:00:30.000Z (approval.notBefore)',
    });
    gate.release(NOT_BEFORE - 1);
    expect(gate.state).toBe('open');
    gate.release(NOT_BEFORE);
    expect(gate.state).toBe('approved');
    expect(gate.view().heldUntil).toBeUndefined();
  });

  it('keeps what was accepted until then', () => {
    const gate = held([missing]);
    gate.setBlocks([missing]);
    gate.release(NOT_BEFORE);
    expect([gate.state, gate.accepted(missing), gate.accepted(late)]).toEqual(['approved', true, false]);
  });

  it.each([
    [
      'a new block',
      (gate: ApprovalGate) => {
        gate.setBlocks([late]);
      },
    ],
    [
      'a resynchronization',
      (gate: ApprovalGate) => {
        gate.resynchronize('bob');
      },
    ],
  ])('loses its approvals to %s', (_, event) => {
    const gate = held();
    event(gate);
    expect(gate.view()).toMatchObject({ approvals: [] });
    expect(gate.heldUntil).toBeNull();
    gate.release(NOT_BEFORE);
    expect(gate.state).not.toBe('approved');
  });

  it('can be rejected while it waits', () => {
    const gate = held();
    expect(gate.reject('bob', 'no')).toEqual({ stands: true });
    expect(gate.view().heldUntil).toBeUndefined();
    gate.release(NOT_BEFORE);
    expect(gate.state).toBe('rejected');
  });

  it('acts at once on an approval that comes later', () => {
    const gate = ApprovalGate.closed(1, NOT_BEFORE);
    gate.open([], 1_000, 60_000);
    gate.approve(at(NOT_BEFORE, 'alice'));
    expect(gate.state).toBe('approved');
  });
});

describe('warnings that an approver has seen', () => {
  const warning = (code: string, sequence: string | null = 'public.a') => ({ code, sequence, count: 1 });

  it('stay seen once the gate is approved: a recheck that does not find one for a moment makes it no news', () => {
    const gate = ApprovalGate.closed(1);
    gate.noteWarnings([warning('DATA_NOT_CHECKED')]);
    gate.open([], 0, 1_000_000_000_000_000);
    gate.approve({ by: 'alice', at: '2026-01-02T03:04:05.000Z', reason: null, accept: [] });
    gate.dropClearedWarnings([]);
    expect(gate.isNewWarning(warning('DATA_NOT_CHECKED'))).toBe(false);
  });

  it('do not include others of a sequence whose rows somebody has decided about', () => {
    const gate = new ApprovalGate({
      ...ApprovalGate.closed(1).memory,
      decidedRows: [{ sequence: 'public.a', rows: 'raise', by: 'alice' }],
    } as ConstructorParameters<typeof ApprovalGate>[0]);
    gate.noteWarnings([]);
    const isNew = (code: string, sequence: string) => gate.isNewWarning(warning(code, sequence));
    expect(isNew('STANDBY_LIMIT', 'public.a')).toBe(false);
    expect(isNew('STANDBY_LIMIT', 'public.b')).toBe(true);
    expect(isNew('NO_HEADROOM', 'public.a')).toBe(true);
  });
});

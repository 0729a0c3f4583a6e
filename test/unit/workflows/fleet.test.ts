import { describe, expect, it } from 'vitest';
import { parseFleetInput } from '../../../src/contract/fleet.js';
import { type FleetMessage } from '../../../src/contract/fleet-messages.js';
import type { MemberReport } from '../../../src/contract/fleet-status.js';
import { Fleet } from '../../../workflows/fleet/fleet.js';
import { RULES } from '../../../workflows/fleet/fleet-decisions.js';

const AT = '2026-11-22T19:00:00.000Z';

function fleetOf(count: number, mode = 'failover'): Fleet {
  const names = Array.from({ length: count }, (_, index) => `pair ${index + 1}`);
  const parsed = parseFleetInput([{ pairs: names, mode }]);
  if (!parsed.ok) throw new Error(parsed.message);
  const fleet = new Fleet(parsed.input, 'fleet', AT);
  names.forEach((name, index) => fleet.add(name, index));
  fleet.enter('preparing');
  return fleet;
}

function atGate(pair: string, blocks: string[] = []): MemberReport {
  return {
    pair,
    gate: blocks.length > 0 ? 'blocked' : 'open',
    counts: { total: 2, applied: 1, kept: 1, skipped: 0, failed: 0 },
    minimumHeadroom: { sequence: 'public.s', calls: '9000' },
    approvals: 0,
    blockedBy: blocks.map((sequence) => ({ code: 'MISSING_ON_STANDBY', sequence })),
    blockedCount: blocks.length,
    refused: null,
    refusedCount: 0,
  };
}

const message = (kind: FleetMessage['kind'], more: Partial<FleetMessage> = {}): FleetMessage => ({
  kind,
  by: 'alice',
  reason: kind === 'reject' ? 'no' : null,
  pairs: null,
  accept: [],
  partial: false,
  ...more,
});

const done = {
  outcome: 'handed-off' as const,
  counts: { total: 2, applied: 2, kept: 0, skipped: 0, failed: 0 },
  minimumHeadroom: null,
  approvals: 1,
};

describe('the gate of a fleet', () => {
  it('is closed until all pairs wait or have ended, and takes named approvals meanwhile', () => {
    const fleet = fleetOf(2);
    fleet.next();
    fleet.report(atGate('pair 1'));
    expect(fleet.isPrepared('pair 1')).toBe(true);
    expect(fleet.gateState()).toBe('closed');
    expect(fleet.decide(message('approve'), AT, 0, 0)).toEqual({
      stands: false,
      reason: expect.stringContaining('the pair pair 2 is not at the gate yet') as string,
    });
    expect(fleet.decide(message('approve', { pairs: ['pair 1'] }), AT, 0, 0)).toEqual({
      stands: true,
      contested: [],
      addressed: 1,
      forward: [{ pair: 'pair 1', workflowId: 'fleet/pair 1', kind: 'approve', argument: { by: 'alice' } }],
      refused: [],
    });
    fleet.next();
    fleet.report(atGate('pair 2'));
    expect(fleet.gateState()).toBe('open');
    fleet.ended('pair 1', done, AT);
    fleet.ended('pair 2', done, AT);
    expect(fleet.gateState()).toBe('decided');
    expect(fleet.members.every(({ phase }) => phase === 'done')).toBe(true);
    expect(fleet.incomplete()).toBeNull();
  });

  it('passes on what is accepted to those on which it stands', () => {
    const fleet = fleetOf(2);
    for (const report of [atGate('pair 1'), atGate('pair 2', ['public.a'])]) {
      fleet.next();
      fleet.report(report);
    }
    expect(fleet.gateState()).toBe('blocked');
    expect(fleet.decide(message('approve', { accept: ['public.b'] }), AT, 0, 0)).toMatchObject({
      stands: false,
    });
    const verdict = fleet.decide(message('approve', { accept: ['public.a'] }), AT, 0, 0);
    expect(verdict).toMatchObject({
      stands: true,
      forward: [
        { pair: 'pair 1', argument: { by: 'alice' } },
        { pair: 'pair 2', argument: { by: 'alice', accept: ['public.a'] } },
      ],
    });
    expect(verdict.stands && verdict.forward[0]?.argument).not.toHaveProperty('accept');
  });

  it('shows what a pair refused, and lets it be decided again', () => {
    const fleet = fleetOf(1);
    fleet.next();
    fleet.report(atGate('pair 1'));
    fleet.decide(message('approve'), AT, 0, 0);
    expect(fleet.counts()).toMatchObject({ waiting: 0, deciding: 1 });
    const refused = { at: AT, kind: 'approve', by: 'alice', reason: 'blocked by …' };
    fleet.report({ ...atGate('pair 1', ['public.a']), refused, refusedCount: 1 });
    expect(fleet.status().gate).toMatchObject({
      state: 'blocked',
      attention: [{ pair: 'pair 1', gate: 'blocked', refused }],
      attentionCount: 1,
    });
  });

  it('approves all that it addresses or none, and names what stands against it', () => {
    const fleet = fleetOf(3);
    for (const report of [atGate('pair 1'), atGate('pair 2', ['public.a', 'public.b']), atGate('pair 3')]) {
      fleet.next();
      fleet.report(report);
    }
    expect(fleet.decide(message('approve', { accept: ['public.a'] }), AT, 0, 0)).toEqual({
      stands: false,
      reason: expect.stringMatching(
        /^the pair pair 2 is blocked: pair 2 by MISSING_ON_STANDBY on public\.b\. .*"partial": true$/,
      ) as string,
    });
    expect(fleet.counts()).toMatchObject({ waiting: 3, deciding: 0 });
    expect(fleet.decide(message('approve', { partial: true }), AT, 0, 0)).toMatchObject({
      stands: true,
      addressed: 2,
      forward: [{ pair: 'pair 1' }, { pair: 'pair 3' }],
      refused: [
        {
          pair: 'pair 2',
          reason: 'blocked by MISSING_ON_STANDBY on public.a, MISSING_ON_STANDBY on public.b',
        },
      ],
    });
    expect(fleet.decide(message('approve', { pairs: ['pair 2'], partial: true }), AT, 0, 0)).toMatchObject({
      stands: false,
    });
  });

  it('cannot approve what it does not know all blocks of', () => {
    const fleet = fleetOf(1);
    fleet.next();
    fleet.report({ ...atGate('pair 1', ['public.a']), blockedCount: 21 });
    expect(fleet.decide(message('approve', { accept: ['public.a'] }), AT, 0, 0)).toEqual({
      stands: false,
      reason: expect.stringContaining(
        'pair 1 by 20 more that only its own workflow shows, and that can be accepted only there',
      ) as string,
    });
  });

  describe('passes on what rows mean', () => {
    const outlier = (pair: string, ...sequences: (string | null)[]): MemberReport => ({
      ...atGate(pair, ['x']),
      blockedBy: sequences.map((sequence) => ({ code: 'OUTLIER_DATA', sequence })),
      blockedCount: sequences.length,
    });
    const waiting = () => {
      const fleet = fleetOf(3);
      for (const report of [outlier('pair 1', 'public.a'), outlier('pair 2', 'public.b', 'public.a')]) {
        fleet.next();
        fleet.report(report);
      }
      fleet.next();
      fleet.report(atGate('pair 3'));
      return fleet;
    };
    const decide = (kind: 'approve' | 'resynchronize', more: Partial<FleetMessage>) => {
      const fleet = waiting();
      const verdict = fleet.decide(message(kind, more), AT, 0, 0);
      if (!verdict.stands) return verdict.reason;
      return verdict.forward.map(({ argument }) => argument);
    };

    it('to each pair on which it stands, and to no other', () => {
      expect(decide('approve', { ignoreRows: ['public.a'], raisePastRows: ['public.b'] })).toEqual([
        { by: 'alice', ignoreRows: ['public.a'] },
        { by: 'alice', ignoreRows: ['public.a'], raisePastRows: ['public.b'] },
        { by: 'alice' },
      ]);
      expect(decide('resynchronize', { raisePastRows: ['public.b'] })).toEqual([
        { by: 'alice' },
        { by: 'alice', raisePastRows: ['public.b'] },
        { by: 'alice' },
      ]);
    });

    it('and shows it among its decisions', () => {
      const fleet = waiting();
      fleet.decide(message('resynchronize', { raisePastRows: ['public.b'] }), AT, 0, 0);
      expect(fleet.status().gate?.decisions).toMatchObject([{ raisePastRows: ['public.b'] }]);
    });

    it.each<[string, Partial<FleetMessage>, string]>([
      [
        'where it is in nobody’s way',
        { ignoreRows: ['public.c'] },
        'no block OUTLIER_DATA is about "public.c"',
      ],
      [
        'twice',
        { ignoreRows: ['public.a'], raisePastRows: ['public.a'] },
        '"public.a" is named twice: name it either in ignoreRows or in raisePastRows',
      ],
      [
        'and leaves it',
        { ignoreRows: ['public.a'], accept: ['OUTLIER_DATA public.a'] },
        '"public.a" is named twice: name it either in ignoreRows, or in raisePastRows, or, to leave the sequence where it is, in accept',
      ],
      [
        'of some, not of all',
        { ignoreRows: ['public.a'] },
        'the pair pair 2 is blocked: pair 2 by OUTLIER_DATA on public.b',
      ],
    ])('not %s', (_, more, reason) => {
      expect(decide('approve', more)).toContain(reason);
    });

    it('of a finding that stands for many, which only the pair can tell', () => {
      const fleet = fleetOf(1);
      fleet.next();
      fleet.report(outlier('pair 1', null));
      expect(fleet.decide(message('approve', { ignoreRows: ['public.z'] }), AT, 0, 0)).toMatchObject({
        forward: [{ argument: { ignoreRows: ['public.z'] } }],
      });
    });
  });

  it('refuses a decision that its history has no room for, and has decided nothing then', () => {
    const fleet = fleetOf(1_000);
    const sequences = Array.from({ length: 20 }, (_, index) => `${'x'.repeat(600)}${String(index)}`);
    for (let index = 1; index <= 1_000; index += 1) {
      fleet.next();
      fleet.report(atGate(`pair ${String(index)}`, sequences));
    }
    const all = message('approve', { accept: sequences });
    expect(fleet.decide(all, AT, 0, 0)).toMatchObject({
      stands: false,
      reason: expect.stringContaining('"accept", "ignoreRows", "raisePastRows" and "reason"') as string,
    });
    expect(fleet.counts()).toMatchObject({ waiting: 1_000 });
    const some = { ...all, pairs: Array.from({ length: 500 }, (_, index) => `pair ${String(index + 1)}`) };
    expect(fleet.decide(some, AT, 0, 0, { ...RULES, historyBytes: 39_000_000 })).toMatchObject({
      stands: false,
    });
    expect(fleet.decide(some, AT, 0, 0)).toMatchObject({ stands: true });
    expect(fleet.decide(all, AT, 0, 0, { ...RULES, bounded: () => false })).toMatchObject({ stands: true });
  });

  it('approved what was blocked in the histories of earlier versions', () => {
    const fleet = fleetOf(1);
    fleet.next();
    fleet.report(atGate('pair 1', ['public.a']));
    const rules = { ...RULES, stopAtOnce: false, whole: false };
    expect(fleet.decide(message('approve'), AT, 0, 0, rules)).toMatchObject({ stands: true, addressed: 1 });
  });

  it('refuses another decision on a pair that was rejected, and says who rejected it', () => {
    const fleet = fleetOf(2);
    for (const pair of ['pair 1', 'pair 2']) {
      fleet.next();
      fleet.report(atGate(pair));
    }
    fleet.decide(message('reject', { by: 'bob', pairs: ['pair 1'] }), AT, 0, 0);
    // A report that was on its way says nothing about the rejection.
    fleet.report(atGate('pair 1'));
    const rejected = expect.stringContaining('pair 1 was rejected by bob already; leave it out') as string;
    for (const kind of ['approve', 'resynchronize'] as const)
      expect(fleet.decide(message(kind), AT, 0, 0)).toEqual({ stands: false, reason: rejected });
    expect(fleet.decide(message('approve', { partial: true }), AT, 0, 0)).toMatchObject({
      ...{ stands: true, addressed: 1 },
      refused: [{ pair: 'pair 1', reason: 'rejected by bob already' }],
    });
    fleet.ended('pair 1', { outcome: 'rejected', failure: 'Rejected', message: 'bob rejected it' }, AT);
    expect(fleet.decide(message('approve', { pairs: ['pair 1'] }), AT, 0, 0)).toEqual({
      stands: false,
      reason: 'the pair pair 1 is finished already (rejected)',
    });
    for (const kind of ['approve', 'reject'] as const)
      expect(fleet.decide(message(kind, { pairs: ['pair 1', 'pair 2'] }), AT, 0, 0)).toEqual({
        stands: false,
        reason:
          'the pair pair 1 is finished already (rejected); leave it out with "pairs", or send "partial": true',
      });
    expect([fleet.notRejected(['pair 1']), fleet.status().gate?.refused]).toEqual([[], []]);
  });

  it('passed it on in the histories of earlier versions', () => {
    const fleet = fleetOf(1);
    fleet.next();
    fleet.report(atGate('pair 1'));
    fleet.decide(message('reject'), AT, 0, 0);
    const rules = { ...RULES, afterRejection: () => false };
    expect(fleet.decide(message('approve'), AT, 0, 0, rules)).toMatchObject({ addressed: 1 });
  });

  it('says of a rejection that came too late who had approved the pair', () => {
    const fleet = fleetOf(2);
    const pairs = ['pair 1', 'pair 2'];
    for (const pair of pairs) {
      fleet.next();
      fleet.report(atGate(pair));
    }
    fleet.decide(message('approve', { by: 'bob' }), AT, 0, 0);
    expect(fleet.decide(message('reject'), AT, 0, 0)).toMatchObject({ contested: pairs, addressed: 2 });
    expect(fleet.unanswered(pairs)).toEqual(pairs);
    fleet.ended('pair 1', done, AT);
    const reason =
      'the pair pair 1 was approved by bob before: it has ended as handed-off, and the rejection came too late';
    expect(fleet.unanswered(pairs)).toEqual(['pair 2']);
    const refused = { at: AT, kind: 'reject', by: 'alice', reason: 'the run was approved' };
    fleet.report({ ...atGate('pair 2'), refused, refusedCount: 1 });
    expect(fleet.unanswered(pairs)).toEqual([]);
    expect(fleet.notRejected(pairs)).toEqual([
      { pair: 'pair 1', reason },
      { pair: 'pair 2', reason: 'the pair pair 2 was approved by bob before: the run was approved' },
    ]);
    expect(fleet.status().gate?.refused).toEqual([{ at: AT, kind: 'reject', by: 'alice', reason }]);
  });

  it('passes a rejection on as soon as the run of a pair takes signals', () => {
    const fleet = fleetOf(2);
    fleet.next();
    fleet.next();
    const told = (pair: string) => [
      { pair, workflowId: `fleet/${pair}`, kind: 'reject', argument: { by: 'alice', reason: 'no' } },
    ];
    expect(fleet.started('pair 2')).toEqual([]);
    expect(fleet.decide(message('reject'), AT, 0, 0)).toEqual({
      stands: true,
      contested: [],
      addressed: 2,
      forward: told('pair 2'),
      refused: [],
    });
    expect(fleet.started('pair 1')).toEqual(told('pair 1'));
  });

  it('remembers a rejection of pairs that are still being listed', () => {
    const parsed = parseFleetInput([{ pairs: ['a', { pair: 'b', databases: '*' }, 'c'] }]);
    if (!parsed.ok) throw new Error(parsed.message);
    const fleet = new Fleet(parsed.input, 'fleet', AT);
    expect(fleet.decide(message('reject', { pairs: ['z'] }), AT, 0, 0)).toMatchObject({ stands: false });
    expect(fleet.decide(message('reject', { pairs: ['b/shop', 'c'] }), AT, 0, 0)).toMatchObject({
      stands: true,
    });
    for (const [entry, pair] of [['a'], ['b', 'b/shop'], ['c']].entries())
      pair.forEach((name) => fleet.add(name, entry));
    fleet.enter('preparing');
    expect([fleet.next()?.pair, fleet.next()?.pair, fleet.next()]).toEqual(['a', 'b', null]);
    expect(fleet.status().outcomes).toMatchObject({ rejected: 2, pending: 2 });
    expect(fleet.rows({ limit: 9, outcome: 'rejected' }).rows).toMatchObject([
      { pair: 'b/shop', message: 'alice rejected the failover before it began: no; nothing was started' },
      { pair: 'c' },
    ]);
  });

  it('starts nothing when all was rejected while it was listed', () => {
    const parsed = parseFleetInput([{ pairs: [{ pair: 'b', databases: '*' }] }]);
    if (!parsed.ok) throw new Error(parsed.message);
    const fleet = new Fleet(parsed.input, 'fleet', AT);
    expect(fleet.decide(message('reject'), AT, 0, 0)).toMatchObject({ stands: true });
    fleet.add('b', 0);
    fleet.add('b/shop', 0);
    fleet.enter('preparing');
    expect(fleet.next()).toBeNull();
    expect(fleet.status().outcomes).toMatchObject({ rejected: 2, pending: 0 });
  });

  it('remembers a rejection until the gate opens, and starts nothing that was rejected', () => {
    const fleet = fleetOf(2);
    fleet.next();
    expect(fleet.decide(message('reject'), AT, 0, 0)).toEqual({
      stands: true,
      contested: [],
      addressed: 2,
      forward: [],
      refused: [],
    });
    expect(fleet.next()).toBeNull();
    expect(fleet.report(atGate('pair 1'))).toEqual([
      { pair: 'pair 1', workflowId: 'fleet/pair 1', kind: 'reject', argument: { by: 'alice', reason: 'no' } },
    ]);
    expect(fleet.status().outcomes).toMatchObject({ rejected: 1, pending: 1 });
    fleet.ended('pair 1', { outcome: 'rejected', failure: 'Rejected', message: 'alice rejected it' }, AT);
    expect(fleet.incomplete()).toContain('0 of 2 pairs ended well');
  });

  it('takes no decision in a mode without a gate', () => {
    expect(fleetOf(1, 'sync').decide(message('approve'), AT, 0, 0)).toMatchObject({ stands: false });
  });

  it('takes no report of a pair that has ended, or that it has not', () => {
    const fleet = fleetOf(1);
    fleet.next();
    fleet.ended('pair 1', done, AT);
    expect(fleet.report(atGate('pair 1'))).toEqual([]);
    expect(fleet.report(atGate('pair 9'))).toEqual([]);
    expect(fleet.counts()).toMatchObject({ done: 1, waiting: 0 });
  });
});

describe('the history of a fleet', () => {
  it('takes no decision that could make it too long, and then smaller ones', () => {
    const fleet = fleetOf(1_000);
    for (let member = fleet.next(); member !== null; member = fleet.next()) fleet.report(atGate(member.pair));
    const refusal = {
      stands: false,
      reason: expect.stringMatching(
        /room for decisions on 999 more pairs, and this is one on 1000: .*fleet\/<pair>/,
      ) as string,
    };
    const full = 50_000 - 1_000 * 4 - 9_000;
    expect(fleet.decide(message('approve'), AT, full + 1, 0)).toEqual(refusal);
    expect(fleet.decide(message('reject'), AT, full + 1, 0)).toEqual(refusal);
    expect(fleet.decide(message('approve'), AT, full, 1)).toEqual(refusal);
    expect(fleet.counts()).toMatchObject({ waiting: 1_000, deciding: 0 });
    expect(fleet.decide(message('approve', { pairs: ['pair 1'] }), AT, full + 1, 0)).toMatchObject({
      addressed: 1,
    });
    expect(fleet.decide(message('approve'), AT, full, 0)).toMatchObject({ stands: true, addressed: 1_000 });
    expect(fleet.decide(message('resynchronize', { pairs: ['pair 2'] }), AT, 60_000, 0)).toMatchObject({
      stands: false,
      reason: expect.stringContaining('room for decisions on 0 more pairs') as string,
    });
  });
});

describe('what a fleet of 1,000 tells', () => {
  it('stays under 512 KiB, with counts of what is left out', () => {
    const fleet = fleetOf(1_000);
    const long = 'x'.repeat(200);
    for (let member = fleet.next(); member !== null; member = fleet.next()) {
      const report = atGate(
        member.pair,
        Array.from({ length: 20 }, (_, index) => `${long}${index}`),
      );
      const refused = { at: AT, kind: 'approve', by: long, reason: long };
      const blocks = report.blockedBy
        .slice(0, 5)
        .map((block) => ({ ...block, message: long, remedy: `${long}${long}` }));
      fleet.report({ ...report, blocks, refused, refusedCount: 1 });
    }
    for (let index = 0; index < 60; index += 1) {
      fleet.refuse({ at: AT, kind: 'approve', by: 'x'.repeat(500), reason: 'x'.repeat(500) });
      fleet.decide(message('resynchronize', { reason: 'x'.repeat(2_000) }), AT, 0, 0);
      for (const { pair } of fleet.rows({ limit: 500 }).rows) fleet.report(atGate(pair, [long]));
    }
    for (const { pair } of fleet.rows({ limit: 1_000 }).rows.slice(500)) {
      fleet.ended(pair, { outcome: 'failed', failure: 'NotReady', message: 'x'.repeat(4_000) }, AT);
    }
    const status = fleet.status();
    expect(status).toMatchObject({
      failuresCount: 500,
      gate: { attentionCount: 500, decisionsCount: 60, refusedCount: 60 },
      counts: { total: 1_000, done: 500 },
    });
    expect(status.failures).toHaveLength(200);
    expect(status.gate?.attention).toHaveLength(200);
    expect(status.gate?.decisions).toHaveLength(50);
    expect(JSON.stringify(status).length).toBeLessThan(512 * 1024);
  });

  it('is read pair by pair', () => {
    const fleet = fleetOf(5);
    fleet.ended('pair 4', { outcome: 'failed', failure: 'NotReady', message: 'x' }, AT);
    const first = fleet.rows({ limit: 3 });
    expect(first.rows.map(({ pair }) => pair)).toEqual(['pair 1', 'pair 2', 'pair 3']);
    expect(first.next).toBe('pair 3');
    expect(fleet.rows({ limit: 3, after: 'pair 3' })).toMatchObject({
      rows: [{ pair: 'pair 4' }, { pair: 'pair 5' }],
      next: null,
    });
    expect(fleet.rows({ limit: 3, outcome: 'failed' }).rows).toMatchObject([
      { pair: 'pair 4', failure: 'NotReady' },
    ]);
    expect(() => fleet.rows({ limit: 3, after: 'nobody' })).toThrow(/no pair "nobody"/);
  });
});

describe('who may decide on a fleet', () => {
  const input = {
    pairs: ['pair 1', { pair: 'pair 2', input: { approval: { from: ['bob'] } } }],
    approval: { from: ['alice', 'bob'] },
  };
  const atGates = (rules = RULES, given: object = input) => {
    const parsed = parseFleetInput([given]);
    if (!parsed.ok) throw new Error(parsed.message);
    const fleet = new Fleet(parsed.input, 'fleet', AT);
    for (const [index, pair] of ['pair 1', 'pair 2'].entries()) {
      fleet.add(pair, index);
      fleet.enter('preparing');
      fleet.next();
      fleet.report(atGate(pair));
    }
    return (sent: FleetMessage) => fleet.decide(sent, AT, 0, 0, rules);
  };

  it('refuses what one of the pairs would refuse, and passes on what the others take', () => {
    expect(atGates()(message('approve'))).toEqual({
      stands: false,
      reason:
        'the pair pair 2 is not for this person to decide: "alice" may not approve: approval.from names "bob"; one of them has to decide',
    });
    expect(atGates()(message('approve', { partial: true }))).toMatchObject({
      ...{ stands: true, addressed: 1, forward: [{ pair: 'pair 1' }] },
      refused: [{ pair: 'pair 2', reason: expect.stringContaining('may not approve') as string }],
    });
    expect(atGates()(message('approve', { by: 'BOB' }))).toMatchObject({ stands: true, addressed: 2 });
    expect(atGates()(message('approve', { by: 'eve', partial: true }))).toMatchObject({ stands: false });
  });

  it('lets anybody reject, and synchronize anew', () => {
    for (const kind of ['reject', 'resynchronize'] as const)
      expect(atGates()(message(kind, { by: 'eve' }))).toMatchObject({ stands: true, addressed: 2 });
    expect(atGates()(message('resynchronize', { by: 'eve', ignoreRows: ['public.s'] }))).toMatchObject({
      stands: false,
    });
  });

  it('let the requester approve in the histories of earlier versions', () => {
    const asked = {
      pairs: input.pairs.slice(0, 1).concat('pair 2'),
      approval: { required: 2 },
      requestedBy: 'alice',
    };
    expect(atGates(RULES, asked)(message('approve'))).toMatchObject({ stands: false });
    expect(atGates({ ...RULES, requester: () => false }, asked)(message('approve'))).toMatchObject({
      stands: true,
    });
  });
});

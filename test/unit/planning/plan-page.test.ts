import { describe, expect, it } from 'vitest';
import type { Policy, PrimarySequence } from '../../../src/contract/steps.js';
import { planPage } from '../../../src/planning/plan-page.js';
import { planWithoutPrimary } from '../../../src/planning/plan-without-primary.js';
import type { StandbyFeed, StandbySequence } from '../../../src/planning/standby-sequence.js';

const policy: Policy = { include: [], exclude: [], buffer: { calls: '100' }, overrides: [] };
const MAX = 9223372036854775807n;

function ours(name: string, more: Partial<PrimarySequence> = {}): PrimarySequence {
  return {
    schema: 'public',
    name,
    sequence: `public.${name}`,
    oid: 1,
    increment: '1',
    min: '1',
    max: String(MAX),
    cache: '1',
    last: '50',
    called: true,
    ...more,
  };
}

function theirs(name: string, more: Partial<StandbySequence> = {}): StandbySequence {
  return {
    schema: 'public',
    name,
    sequence: `public.${name}`,
    oid: 2,
    definition: { increment: 1n, min: 1n, max: MAX, cache: 1n, cycle: false },
    temporary: false,
    unlogged: false,
    extension: null,
    grantsToSet: null,
    feeds: [],
    furthest: null,
    dataNotChecked: null,
    reading: { position: { lastValue: 1n, isCalled: false } },
    ...more,
  };
}

const feed = (column: string, more: Partial<StandbyFeed> = {}): StandbyFeed => ({
  column,
  via: 'default',
  limits: [],
  subscribed: true,
  logged: true,
  ...more,
});

function plan(primary: PrimarySequence[], standby: StandbySequence[], changes: Partial<Policy> = {}) {
  const byName = (a: { name: string }, b: { name: string }) =>
    a.name < b.name ? -1 : Number(a.name > b.name);
  const context = { policy: { ...policy, ...changes }, primaryMaxConnections: 100 };
  const { rows, findings } = planPage(context, primary, standby, byName);
  return {
    rows: rows.map(({ sequence, outcome, target, reason }) => ({ sequence, outcome, target, reason })),
    findings: findings.map(({ severity, code, sequence }) => `${severity} ${code} ${String(sequence)}`),
  };
}

describe('a page', () => {
  it('has exactly one row for each sequence of either side, in order', () => {
    const { rows } = plan([ours('a'), ours('b'), ours('d')], [theirs('b'), theirs('c'), theirs('d')]);
    expect(rows.map(({ sequence, outcome }) => `${sequence} ${outcome}`)).toEqual([
      'public.a failed',
      'public.b applied',
      'public.c skipped',
      'public.d applied',
    ]);
  });

  it('blocks on a sequence that the standby lacks, and on one of its own that feeds a subscribed table', () => {
    const { rows, findings } = plan([ours('a')], [theirs('b', { feeds: [feed('public.t.id')] })]);
    expect(rows.map(({ outcome }) => outcome)).toEqual(['failed', 'failed']);
    expect(findings).toEqual(['block MISSING_ON_STANDBY public.a', 'block STANDBY_ONLY_FEEDS public.b']);
  });

  it('skips, each with its reason, what is none of ours', () => {
    const standby = [
      theirs('a'),
      theirs('b', { extension: 'postgis' }),
      theirs('c', { temporary: true }),
      theirs('d', { schema: 'sequence_failover' }),
    ];
    const { rows } = plan([ours('a')], standby, { exclude: ['public.a'] });
    expect(rows.map(({ outcome, reason }) => `${outcome}: ${String(reason)}`)).toEqual([
      'skipped: excluded by public.a',
      'skipped: member of the extension postgis, whose table is not subscribed',
      'skipped: temporary: it ends with its session',
      "skipped: the ledger's own",
    ]);
  });

  it('treats a member of an extension whose table is subscribed like any other', () => {
    const { rows } = plan([ours('a')], [theirs('a', { extension: 'x', feeds: [feed('public.t.id')] })]);
    expect(rows[0]?.outcome).toBe('applied');
  });

  it('never sets where the increment differs, or a privilege is missing, and says which', () => {
    const problem = { code: 'NO_READ_PRIVILEGE', reason: 'no SELECT', remedy: 'GRANT' } as const;
    const { definition } = theirs('a');
    const { rows, findings } = plan(
      [ours('a'), ours('b', { problem }), ours('c'), ours('d')],
      [
        theirs('a', { definition: { ...definition, increment: 2n } }),
        theirs('b'),
        theirs('c', { grantsToSet: 'GRANT UPDATE …' }),
        theirs('d', { reading: { problem } }),
      ],
    );
    expect(rows.map(({ outcome }) => outcome)).toEqual(['failed', 'failed', 'failed', 'failed']);
    expect(findings).toEqual([
      'block DEFINITION_DIFFERS public.a',
      'block NO_READ_PRIVILEGE public.b',
      'block NO_UPDATE_PRIVILEGE public.c',
      'block NO_READ_PRIVILEGE public.d',
    ]);
  });

  it('sets, and still blocks, where the name feeds other columns or a crash would reset it', () => {
    const { rows, findings } = plan(
      [ours('a', { feeds: ['public.t.id'] }), ours('b', { feeds: ['public.u.id', 'public.v.id'] })],
      [
        theirs('a', { feeds: [feed('public.other.id')] }),
        theirs('b', { unlogged: true, feeds: [feed('public.u.id')] }),
      ],
    );
    expect(rows.map(({ outcome }) => outcome)).toEqual(['applied', 'applied']);
    expect(findings).toEqual(['block FEEDS_DIFFER public.a', 'block UNLOGGED public.b']);
  });

  it('takes the last override that matches', () => {
    const overrides = [
      { match: 'public.*', buffer: { calls: '7' } },
      { match: '*.a', buffer: { calls: '9' } },
    ];
    const { rows } = plan([ours('a'), ours('b')], [theirs('a'), theirs('b')], { overrides });
    expect(rows.map(({ target }) => target)).toEqual(['60', '58']);
  });

  it('takes the furthest row of either side for its floor', () => {
    const { rows, findings } = plan([ours('a', { furthest: '900' })], [theirs('a', { furthest: 500n })]);
    expect([rows[0]?.target, findings]).toEqual(['901', ['warn BEHIND_DATA public.a']]);
  });
});

describe('without the primary', () => {
  it('only what lies behind the standby’s own rows is moved, past them', () => {
    const { rows, findings } = planWithoutPrimary(policy, [
      theirs('ahead', { furthest: 0n }),
      theirs('behind', { furthest: 500n }),
      theirs('empty'),
    ]);
    expect(findings).toEqual([]);
    expect(rows).toMatchObject([
      {
        sequence: 'public.behind',
        standbyBefore: '1',
        target: '501',
        called: true,
        behindData: true,
      },
    ]);
  });
});

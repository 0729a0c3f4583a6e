import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LastReading } from '../../../../src/planning/rows/last-reading.js';
import type { Policy } from '../../../../src/steps/identity.js';
import type { PrimarySequence } from '../../../../src/steps/rows.js';
import { planPage } from '../../../../src/planning/rows/plan-page.js';
import { planWithoutPrimary } from '../../../../src/planning/rows/plan-without-primary.js';
import { noteFinding } from '../../../../src/planning/sequence/sequence-findings.js';
import type { StandbyFeed, StandbySequence } from '../../../../src/planning/standby-sequence.js';

const policy: Policy = { include: [], exclude: [], buffer: { calls: '100' }, overrides: [] };
const MAX = 9223372036854775807n;

function onPrimary(name: string, more: Partial<PrimarySequence> = {}): PrimarySequence {
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

function onStandby(name: string, more: Partial<StandbySequence> = {}): StandbySequence {
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
  oid: 7,
  attnum: 1,
  name: 'id',
  plain: true,
  via: 'default',
  type: 'int8',
  limits: [],
  subscribed: true,
  logged: true,
  isAlone: true,
  ...more,
});

function plan(primary: PrimarySequence[], standby: StandbySequence[], changes: Partial<Policy> = {}) {
  const byName = (a: { name: string }, b: { name: string }) =>
    a.name < b.name ? -1 : Number(a.name > b.name);
  const context = {
    mode: 'failover' as const,
    policy: { ...policy, ...changes },
    primaryMaxConnections: 100,
  };
  const { rows, findings } = planPage(context, primary, standby, byName);
  return {
    rows: rows.map(({ sequence, outcome, target, reason }) => ({ sequence, outcome, target, reason })),
    findings: findings.map(({ severity, code, sequence }) => `${severity} ${code} ${String(sequence)}`),
  };
}

describe('a sequence with CACHE', () => {
  it.each([
    [100n, 'so its buffer is 1000 calls (requested: 100)'],
    [1_000n, 'so its buffer is 1000 calls'],
  ])('says what was requested only if the buffer is another: %s', (from, end) => {
    expect(noteFinding('public.s', { kind: 'cached', cache: 10n, from, to: 1_000n })?.message).toBe(
      `public.s caches 10 values in each session, ${end}`,
    );
  });
});

describe('a sequence that is near its limit', () => {
  const definition = { increment: 1n, min: 1n, max: 32_767n, cache: 1n, cycle: false };
  const remedies = (mode: 'check' | 'failover', last: string, more: Partial<StandbySequence> = {}) => {
    const primary = onPrimary('s', { max: '32767', last });
    const { findings } = planPage(
      { mode, policy, primaryMaxConnections: 100 },
      [primary],
      [onStandby('s', { definition, feeds: [feed('public.t.id', { type: 'int2' })], ...more })],
      () => 0,
    );
    const of = (wanted: string) => findings.find(({ code }) => code === wanted)?.remedy;
    return { near: of('NEAR_LIMIT'), buffer: of('BUFFER_REDUCED'), standby: of('STANDBY_LIMIT') };
  };
  const widening = 'ALTER SEQUENCE public.s AS bigint MAXVALUE 9223372036854775807;';
  const refers = 'do what NEAR_LIMIT says for the same sequence';

  it('has the statements once, where two findings would have them', () => {
    const { near, buffer } = remedies('check', '32700');
    expect(near).toContain(widening);
    expect(buffer).toBe(refers);
    const ahead = { reading: { position: { lastValue: 32_700n, isCalled: true } } };
    expect(remedies('check', '1', ahead)).toMatchObject({
      near: expect.stringContaining(widening) as string,
      standby: refers,
    });
  });

  it('has them in the finding of the buffer in modes that act', () => {
    const { near, buffer } = remedies('failover', '32700');
    expect(near).toBeUndefined();
    expect(buffer).toContain(widening);
  });

  it('has both if the buffer needs more than the end of the values does', () => {
    const check = { type: 'restriction' as const, low: null, high: 32_800n, of: 'the check c' };
    const feeds = [feed('public.t.id', { type: 'int2', limits: [check] })];
    const { near, buffer } = remedies('check', '32700', { feeds });
    expect(near).not.toContain('the check c');
    expect(buffer).toContain('the check c');
    expect(buffer).toContain(widening);
  });
});

describe('a limit that was not computed', () => {
  const remedy = (buffer: string, last: string, standby: Partial<StandbySequence> = {}, cache = '1') => {
    const context = { mode: 'sync' as const, primaryMaxConnections: 100 };
    const limited = onStandby('s', {
      feeds: [feed('public.t.id', { notComputed: ['CHECK (x)'] })],
      ...standby,
    });
    const increment = String(limited.definition.increment);
    const primary = onPrimary('s', { last, increment, cache, min: String(-MAX - 1n) });
    const page = planPage(
      { ...context, policy: { ...policy, buffer: { calls: buffer } } },
      [primary],
      [limited],
      () => 0,
    );
    return page.findings.find(({ code }) => code === 'LIMIT_NOT_COMPUTED')?.remedy;
  };
  const down = { increment: -1n, min: -MAX - 1n, max: -1n, cache: 1n, cycle: false };

  it.each<[string, string | undefined, RegExp]>([
    ['past the rows', remedy('10000', '30', { furthest: 500n }), /RESTART WITH 501; .*"100"/u],
    [
      'downwards',
      remedy('10000', '-30', {
        definition: down,
        reading: { position: { lastValue: -1n, isCalled: false } },
      }),
      /^check whether -10031 .* RESTART WITH -131; /u,
    ],
    ['with a tenth of a small buffer', remedy('50', '30'), /sets it to 81, .* RESTART WITH 36; .*"5"/u],
    ['with one call, of a buffer of a few', remedy('9', '30'), /sets it to 40, .* RESTART WITH 32; .*"1"/u],
    [
      'by nothing if the buffer is one call',
      remedy('1', '30'),
      /; if not, a smaller buffer does not help: /u,
    ],
    [
      'with the calls that the caches of all sessions hold',
      remedy('10000', '30', {}, '20'),
      /sets it to 10031, .* RESTART WITH 2031; .*"2000"/u,
    ],
    [
      'by nothing if the buffer only covers the caches',
      remedy('100', '30', {}, '20'),
      /^check whether 2031 .*; if not, a smaller buffer does not help: /u,
    ],
    ['by nothing if there is no buffer', remedy('0', '30'), /; if not, a smaller buffer does not help: /u],
  ])('has the statement that lowers the sequence %s', (_, text, expected) => {
    expect(text).toMatch(expected);
  });
});

describe('a page', () => {
  it('has exactly one row for each sequence of either side, in order', () => {
    const { rows } = plan(
      [onPrimary('a'), onPrimary('b'), onPrimary('d')],
      [onStandby('b'), onStandby('c'), onStandby('d')],
    );
    expect(rows.map(({ sequence, outcome }) => `${sequence} ${outcome}`)).toEqual([
      'public.a failed',
      'public.b applied',
      'public.c skipped',
      'public.d applied',
    ]);
  });

  it('blocks on a sequence that the standby lacks, and on one of its own that feeds a subscribed table', () => {
    const { rows, findings } = plan([onPrimary('a')], [onStandby('b', { feeds: [feed('public.t.id')] })]);
    expect(rows.map(({ outcome }) => outcome)).toEqual(['failed', 'failed']);
    expect(findings).toEqual(['block MISSING_ON_STANDBY public.a', 'block STANDBY_ONLY_FEEDS public.b']);
  });

  it('skips, each with its reason, sequences that a run does not handle', () => {
    const standby = [
      onStandby('a'),
      onStandby('b', { extension: 'postgis' }),
      onStandby('c', { temporary: true }),
      onStandby('d', { schema: 'sequence_failover' }),
    ];
    const { rows } = plan([onPrimary('a')], standby, { exclude: ['public.a'] });
    expect(rows.map(({ outcome, reason }) => `${outcome}: ${String(reason)}`)).toEqual([
      'skipped: excluded by public.a',
      'skipped: member of the extension postgis, whose table is not subscribed',
      'skipped: temporary: it ends with its session',
      "skipped: the ledger's own",
    ]);
  });

  it('treats a member of an extension whose table is subscribed like any other', () => {
    const { rows } = plan(
      [onPrimary('a')],
      [onStandby('a', { extension: 'x', feeds: [feed('public.t.id')] })],
    );
    expect(rows[0]?.outcome).toBe('applied');
  });

  it('never sets where the increment differs, or a privilege is missing, and says which', () => {
    const problem = { code: 'NO_READ_PRIVILEGE', reason: 'no SELECT', remedy: 'GRANT' } as const;
    const { definition } = onStandby('a');
    const { rows, findings } = plan(
      [
        onPrimary('a'),
        onPrimary('b', { problem }),
        onPrimary('c'),
        onPrimary('d', { feeds: ['public.u.id'] }),
      ],
      [
        onStandby('a', { definition: { ...definition, increment: 2n } }),
        onStandby('b'),
        onStandby('c', { grantsToSet: 'GRANT UPDATE …' }),
        // So that one round of remedies is enough.
        onStandby('d', { reading: { problem }, unlogged: true, feeds: [feed('public.u.id')] }),
      ],
    );
    expect(rows.map(({ outcome }) => outcome)).toEqual(['failed', 'failed', 'failed', 'failed']);
    expect(findings).toEqual([
      'block DEFINITION_DIFFERS public.a',
      'block NO_READ_PRIVILEGE public.b',
      'block NO_UPDATE_PRIVILEGE public.c',
      'block NO_READ_PRIVILEGE public.d',
      'block UNLOGGED public.d',
    ]);
  });

  it('sets, and still blocks, where the name feeds other columns or a crash would reset it', () => {
    const { rows, findings } = plan(
      [onPrimary('a', { feeds: ['public.t.id'] }), onPrimary('b', { feeds: ['public.u.id', 'public.v.id'] })],
      [
        onStandby('a', { feeds: [feed('public.other.id')] }),
        onStandby('b', { unlogged: true, feeds: [feed('public.u.id')] }),
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
    const { rows } = plan([onPrimary('a'), onPrimary('b')], [onStandby('a'), onStandby('b')], { overrides });
    expect(rows.map(({ target }) => target)).toEqual(['60', '58']);
  });

  it('takes the furthest row of either side for its floor', () => {
    const { rows, findings } = plan(
      [onPrimary('a', { furthest: '900' })],
      [onStandby('a', { furthest: 500n })],
    );
    expect([rows[0]?.target, findings]).toEqual(['901', ['warn BEHIND_DATA public.a']]);
  });
});

describe('without the primary', () => {
  const readings = (
    ...entries: [oid: number, next: bigint | null, buffer?: bigint, standbyNext?: bigint | null][]
  ) =>
    new Map(
      entries.map(([oid, primaryNext, buffer = 10n, standbyNext = null]): [number, LastReading] => [
        oid,
        { oid, primaryNext, buffer, standbyNext },
      ]),
    );
  const at = (lastValue: bigint) => ({ reading: { position: { lastValue, isCalled: true } } });
  const shape = ({ rows, findings }: Pick<ReturnType<typeof planWithoutPrimary>, 'rows' | 'findings'>) => [
    rows.map(({ sequence, target }) => [sequence, target]),
    findings.map(({ code, sequence }) => [code, sequence]),
  ];

  it('one that was not compared is moved only when it lies behind the standby’s own rows, past them', () => {
    const { rows, findings } = planWithoutPrimary(
      policy,
      [onStandby('ahead', { furthest: 0n, oid: 1 }), onStandby('behind', { furthest: 500n, oid: 2 })],
      readings([1, null], [2, null]),
    );
    expect(findings).toEqual([]);
    expect(rows).toMatchObject([
      {
        ...{ sequence: 'public.behind', primaryNext: null, standbyBefore: '1', target: '501' },
        ...{ called: true, behindData: true },
      },
    ]);
  });

  it('one that was set back is moved to the last reading and its buffer', () => {
    const standby = [
      onStandby('half', { oid: 1, ...at(104n) }),
      onStandby('less', { oid: 2, ...at(103n) }),
      onStandby('restarted', { oid: 3 }),
      onStandby('rows', { oid: 4, ...at(104n), furthest: 300n }),
    ];
    const known = readings([1, 100n], [2, 100n], [3, 100n], [4, 100n]);
    expect(shape(planWithoutPrimary(policy, standby, known))).toEqual([
      [
        ['public.less', '110'],
        ['public.restarted', '110'],
        ['public.rows', '301'],
      ],
      [],
    ]);
  });

  it('one that was read again since keeps at least the place where it was ahead each time', () => {
    const standby = [
      onStandby('kept', { oid: 1, ...at(499n) }),
      onStandby('back', { oid: 2, ...at(300n) }),
      onStandby('target', { oid: 3, ...at(1n) }),
    ];
    const known = readings([1, 100n, 10n, 500n], [2, 100n, 10n, 500n], [3, 100n, 10n, 105n]);
    const { rows, findings } = planWithoutPrimary(policy, standby, known);
    expect(shape({ rows, findings })).toEqual([
      [
        ['public.back', '500'],
        ['public.target', '110'],
      ],
      [],
    ]);
    expect(rows[0]).toMatchObject({ called: true, primaryNext: '100', standbyBefore: '301' });
  });

  it('one that has CYCLE, and one that is skipped although it is behind its rows, are named as with the primary', () => {
    const cycling = { increment: 1n, min: 1n, max: 111n, cache: 1n, cycle: true };
    const standby = [
      onStandby('cycling', { oid: 1, definition: cycling, ...at(110n) }),
      onStandby('left_out', { oid: 2, furthest: 500n }),
      onStandby('excluded', { oid: 3, furthest: 500n }),
    ];
    const chosen = { ...policy, include: ['*.cycling', '*.excluded'], exclude: ['*.excluded'] };
    expect(shape(planWithoutPrimary(chosen, standby, readings([1, 100n], [2, null])))).toEqual([
      [],
      [
        ['CYCLES', 'public.cycling'],
        ['STANDBY_LIMIT', 'public.cycling'],
        ['SKIPPED_BEHIND_DATA', 'public.left_out'],
      ],
    ]);
  });

  it('one that goes round on the primary alone meets no rows of an earlier turn', () => {
    const definition = { increment: 1n, min: 1n, max: 9_999n, cache: 1n, cycle: false };
    const standby = onStandby('s', {
      ...{ oid: 1, definition, furthest: 9_000n, ...at(310n) },
      ahead: { from: 311n, first: 9_000n, unique: true, uniqueAlone: true },
    });
    const known = readings([1, 301n]);
    expect(shape(planWithoutPrimary(policy, [standby], known))).toEqual([[], [['OUTLIER_DATA', 'public.s']]]);
    for (const reading of known.values()) reading.goesRound = true;
    expect(shape(planWithoutPrimary(policy, [standby], known))).toEqual([[], []]);
  });

  it('rows that were ignored, or are of an earlier turn, move nothing that is far enough ahead', () => {
    const overrides = [{ match: 'public.ignored', rows: 'ignore' as const }];
    const wide = { increment: 1n, min: -1_000_000n, max: 1_000_000n, cache: 1n, cycle: false, start: 1n };
    const round = {
      definition: wide,
      furthest: 1_000_000n,
      reading: { position: { lastValue: -900_000n, isCalled: true } },
    };
    const first = { from: -899_999n, first: 1n, unique: true, uniqueAlone: true };
    const standby = [
      onStandby('ignored', {
        ...{ oid: 1, ...at(200n), furthest: 500_000n },
        ahead: { from: 201n, first: 500_000n, unique: true, uniqueAlone: true, primaryNextTaken: false },
      }),
      onStandby('far', { oid: 2, ...at(200n), furthest: 500_000n }),
      onStandby('round', { oid: 3, ...round }),
      onStandby('round', { oid: 3, ...round, ahead: first }),
    ];
    const known = readings([1, 100n], [2, 100n], [3, -900_050n]);
    const plan = planWithoutPrimary({ ...policy, overrides }, standby, known);
    expect(shape(plan)).toEqual([
      [],
      [
        ['OUTLIER_DATA', 'public.far'],
        ['OUTLIER_DATA', 'public.round'],
      ],
    ]);
    expect(plan.firstRowRequests).toEqual([
      { oid: 2, from: 201n },
      { oid: 3, from: first.from },
    ]);
  });

  it('one that is near its limit is told, as with the primary', () => {
    const definition = { increment: 1n, min: 1n, max: 203n, cache: 1n, cycle: false };
    const standby = [
      onStandby('near', { oid: 1, ...at(200n), definition }),
      onStandby('far', { oid: 2, ...at(200n) }),
    ];
    const { rows, findings } = planWithoutPrimary(policy, standby, readings([1, 100n], [2, 100n]));
    expect(rows).toEqual([]);
    expect(findings.map(({ code, message }) => [code, message])).toEqual([
      [
        'STANDBY_LIMIT',
        "public.near is beyond the target from the primary: on the standby only 3 calls are left, from 201 up to 203, the limit of the standby's sequence",
      ],
    ]);
  });

  it('one of which nothing is known is told, and rows that cannot be read are a finding', () => {
    const standby = [
      onStandby('created', { oid: 9 }),
      onStandby('locked', { oid: 1, ...at(200n), dataNotChecked: { reason: 'locked', remedy: 'wait' } }),
    ];
    const plan = planWithoutPrimary(policy, standby, readings([1, 100n]));
    expect(shape(plan)).toEqual([[], [['DATA_NOT_CHECKED', 'public.locked']]]);
    expect(plan.neverCompared.map(({ sequence }) => sequence)).toEqual(['public.created']);
    expect(plan.seen.map(({ row }) => [row.sequence, row.outcome])).toEqual([
      ['public.created', 'failed'],
      ['public.locked', 'kept'],
    ]);
  });

  it('never moves one backwards, and leaves every one ahead of its last reading', () => {
    const value = fc.bigInt({ min: 1n, max: 10_000n });
    fc.assert(
      fc.property(
        value,
        value,
        fc.option(value),
        fc.bigInt({ min: 0n, max: 100n }),
        (last, stands, place, buffer) => {
          const standby = [onStandby('s', { oid: 1, ...at(stands) })];
          const { rows, findings } = planWithoutPrimary(policy, standby, readings([1, last, buffer, place]));
          expect(findings).toEqual([]);
          const target = rows[0]?.target == null ? null : BigInt(rows[0].target);
          if (target !== null) expect(target > stands + 1n).toBe(true);
          const next = target ?? stands + 1n;
          expect(next - last >= (buffer + 1n) / 2n).toBe(true);
          if (place !== null) expect(next >= place).toBe(true);
        },
      ),
    );
  });
});

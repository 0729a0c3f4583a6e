import { describe, expect, it } from 'vitest';
import type { Mode } from '../../../../src/contract/input.js';
import { adviceFor } from '../../../../src/planning/rows/advice.js';
import type { StandbyFeed, StandbySequence } from '../../../../src/planning/standby-sequence.js';
import type { ColumnLimit } from '../../../../src/sequences/sequence.js';
import { computeTarget } from '../../../../src/sequences/target.js';
import type { PrimarySequence } from '../../../../src/steps/rows.js';

const INT4 = 2_147_483_647n;
const BIGINT = 9_223_372_036_854_775_807n;

interface Case {
  last: bigint;
  rate?: { calls: string; elapsedMs: string };
  max?: bigint;
  limits?: ColumnLimit[];
  buffer?: bigint;
  mode?: Mode;
  cycle?: boolean;
}

function advise({
  last,
  rate,
  max = INT4,
  limits = [{ type: 'int4' }],
  buffer = 10_000n,
  mode = 'check',
  cycle = false,
}: Case) {
  const definition = { increment: 1n, min: 1n, max, cache: 1n, cycle };
  const primary: PrimarySequence = {
    ...{ schema: 'public', name: 'orders_id_seq', sequence: 'public.orders_id_seq', oid: 1 },
    ...{ increment: '1', min: '1', max: String(max), cache: '1', last: String(last), called: true },
    ...(rate === undefined ? {} : { rate }),
  };
  const feed: StandbyFeed = {
    ...{
      column: 'public.orders.id',
      oid: 7,
      attnum: 1,
      name: 'id',
      plain: true,
      via: 'default',
      type: 'int4',
    },
    ...{ limits, subscribed: true, logged: true, isAlone: true },
  };
  const standby: StandbySequence = {
    ...{ schema: 'public', name: 'orders_id_seq', sequence: 'public.orders_id_seq', oid: 2, definition },
    ...{
      temporary: false,
      unlogged: false,
      extension: null,
      grantsToSet: null,
      feeds: [feed],
      furthest: null,
    },
    ...{ dataNotChecked: null, reading: { position: { lastValue: 1n, isCalled: false } } },
  };
  const target = computeTarget({
    primary: { position: { lastValue: last, isCalled: true }, definition },
    standby: { position: { lastValue: 1n, isCalled: false }, definition },
    ...{ columns: limits, buffer, primaryMaxConnections: 100n, furthest: null },
  });
  return adviceFor({ mode, primary, standby, target });
}

const codes = (given: Case) => advise(given).map(({ code }) => code);

describe('NEAR_LIMIT', () => {
  it('says the share that is used, what is left, how long that lasts, and both ways out', () => {
    // 100 calls a second: 536,870,911 calls are 62 days.
    const [finding] = advise({
      last: 1_610_612_736n,
      rate: { calls: '6000', elapsedMs: '60000' },
      buffer: 1_000_000n,
    });
    expect(finding).toMatchObject({
      ...{ severity: 'info', code: 'NEAR_LIMIT', sequence: 'public.orders_id_seq' },
      message:
        "public.orders_id_seq has used 75 % of its values: 536870911 calls are left up to 2147483647, the limit of the standby's sequence, which last 62 days 3 hours at 100.00 calls a second",
    });
    expect(finding?.remedy).toContain(
      `ALTER SEQUENCE public.orders_id_seq AS bigint MAXVALUE ${String(BIGINT)}; ALTER TABLE public.orders ALTER COLUMN id TYPE bigint;`,
    );
    for (const word of [
      'on the primary likewise',
      'rewrites its table',
      'uuidv7() from PostgreSQL 18',
      'gen_random_uuid() before',
      '16 bytes',
    ])
      expect(finding?.remedy).toContain(word);
  });

  it.each<[string, Case, string[]]>([
    ['three quarters are used', { last: 1_610_612_736n }, ['NEAR_LIMIT']],
    ['less is used, and nobody measured', { last: 1_600_000_000n }, []],
    [
      'less is used, and the rest lasts less than a year',
      { last: 1_000_000_000n, rate: { calls: '100', elapsedMs: '1000' }, buffer: 1_000_000n },
      ['NEAR_LIMIT'],
    ],
    [
      'less is used, and the rest lasts for years',
      { last: 1_000_000n, rate: { calls: '1', elapsedMs: '1000' } },
      [],
    ],
    [
      'it is consumed and far from the end of bigint',
      { last: 1_000_000_000n, max: BIGINT, limits: [{ type: 'int8' }] },
      [],
    ],
    [
      'the column is narrower than the sequence',
      { last: 30_000n, max: BIGINT, limits: [{ type: 'int2' }] },
      ['NEAR_LIMIT'],
    ],
    ['it is used up', { last: INT4 }, ['NEAR_LIMIT']],
    ['its values come round again', { last: 2_000_000_000n, cycle: true }, []],
  ])('where %s', (_what, given, expected) => {
    expect(codes(given)).toEqual(expected);
  });

  it('is left to the finding of the buffer in modes that act', () => {
    const close = { last: INT4 - 5_000n };
    expect(codes({ ...close, mode: 'failover' })).toEqual([]);
    expect(codes({ ...close, mode: 'plan' })).toEqual(['NEAR_LIMIT']);
    expect(codes({ last: 2_000_000_000n, mode: 'failover' })).toEqual(['NEAR_LIMIT']);
  });
});

describe('BUFFER_SUGGESTED', () => {
  const big = { max: BIGINT, limits: [{ type: 'int8' as const }], last: 1_000n };

  it.each([
    // Rate × 600 seconds × 2.
    ['20', '24000', '{"preset":"medium"}'],
    ['100', '120000', '{"preset":"high"}'],
    ['20000', '24000000', '{"calls":"24000000"}'],
  ])('at %s calls a second suggests %s calls', (calls, wanted, buffer) => {
    const [finding, ...others] = advise({ ...big, rate: { calls, elapsedMs: '1000' } });
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ severity: 'info', code: 'BUFFER_SUGGESTED' });
    expect(finding?.message).toContain(
      `600 seconds of failover with a safety factor of 2 take ${wanted} calls, and its buffer is 10000`,
    );
    expect(finding?.remedy).toContain(`{"overrides":[{"match":"public.orders_id_seq","buffer":${buffer}}]}`);
  });

  it.each<[string, Case]>([
    ['the buffer is enough', { ...big, rate: { calls: '8', elapsedMs: '1000' } }],
    ['nobody measured', big],
    ['the mode acts', { ...big, rate: { calls: '100', elapsedMs: '1000' }, mode: 'failover' }],
  ])('says nothing where %s', (_what, given) => {
    expect(codes(given)).toEqual([]);
  });
});

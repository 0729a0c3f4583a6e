import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runSynchronously } from '../../../../src/concurrency/run-synchronously.js';
import { planByEvidenceInSteps } from '../../../../src/planning/rows/plan-by-evidence.js';
import type { StandbyFeed, StandbySequence } from '../../../../src/planning/standby-sequence.js';
import { atOrBeyond } from '../../../../src/sequences/sequence.js';
import { NO_RECORD, type RecordedEvidence } from '../../../../src/steps/evidence.js';
import type { Policy } from '../../../../src/steps/identity.js';

const policy: Policy = { include: [], exclude: [], buffer: { calls: '100' }, overrides: [] };
const now = Date.UTC(2026, 0, 1, 12);
const MINUTE = 60_000;

const feed: StandbyFeed = {
  ...{ column: 'public.t.id', oid: 7, attnum: 1, name: 'id', plain: true, via: 'default', type: 'int4' },
  ...{ limits: [{ type: 'int4' }], subscribed: true, logged: true, isAlone: true },
};

function standby(more: Partial<StandbySequence> = {}): StandbySequence {
  return {
    ...{ schema: 'public', name: 's', sequence: 'public.s', oid: 2 },
    definition: { increment: 1n, min: 1n, max: 9223372036854775807n, cache: 1n, cycle: false },
    ...{ temporary: false, unlogged: false, extension: null, grantsToSet: null },
    ...{ feeds: [feed], furthest: null, dataNotChecked: null },
    reading: { position: { lastValue: 1n, isCalled: false } },
    ...more,
  };
}

function plan(sequence: StandbySequence, record: Partial<RecordedEvidence> = {}, more: Partial<Policy> = {}) {
  const context = { mode: 'failover', policy: { ...policy, ...more }, maxConnections: 100, now } as const;
  const recorded = new Map([[sequence.sequence, { ...NO_RECORD, ...record }]]);
  const { rows, findings } = runSynchronously(planByEvidenceInSteps(context, [sequence], recorded));
  const [row] = rows;
  if (row === undefined || rows.length > 1) throw new Error('one row a sequence');
  return { row, codes: findings.map(({ severity, code }) => `${severity} ${code}`), findings };
}

const measured = {
  readings: [
    { next: 2_000n, at: now - 10 * MINUTE },
    { next: 1_400n, at: now - 20 * MINUTE },
  ],
};

describe('with the primary lost', () => {
  it('warns of a reading from the future, for whose age nothing can be presumed', () => {
    const later = { readings: measured.readings.map(({ next, at }) => ({ next, at: at + 2 * 60 * MINUTE })) };
    const { row, codes, findings } = plan(standby(), later);
    expect(row).toMatchObject({ primaryNext: '2000', target: '2100' });
    expect(codes).toEqual(['warn WEAK_EVIDENCE']);
    expect(findings[0]?.message).toContain('is 1 hour 50 minutes in the future');
  });

  it('adds the measured consumption and the buffer to the last reading', () => {
    const { row, codes } = plan(standby(), measured);
    expect(row).toMatchObject({
      outcome: 'applied',
      // 600 calls in 10 minutes, twice.
      primaryNext: '3200',
      target: '3300',
      evidence: 'ledger',
      evidenceAt: '2026-01-01T11:50:00.000Z',
      evidenceAge: '600',
      presumed: '1200',
    });
    expect(row).not.toHaveProperty('primaryOid');
    expect(codes).toEqual([]);
  });

  it('takes the safety factor from the policy of the buffer', () => {
    const buffer = { peakInsertsPerSecond: 1, maxFailoverSeconds: 100, safetyFactor: 1.5 };
    expect(plan(standby(), measured, { buffer }).row).toMatchObject({ presumed: '900', target: '3050' });
  });

  it('measures a buffer by the consumption on record', () => {
    const buffer = {
      ...{ measure: { sampleFor: '30 seconds', sampleForMs: 30_000 }, minimum: '10' },
      ...{ maxFailoverSeconds: 300, safetyFactor: 2 },
    };
    // 1 call a second, for 300 seconds, twice.
    expect(plan(standby(), measured, { buffer }).row).toMatchObject({ buffer: '600', target: '3800' });
  });

  it('says what it cannot measure', () => {
    const { row, codes } = plan(standby(), { readings: measured.readings.slice(0, 1) });
    expect(row).toMatchObject({ evidence: 'ledger', target: '2100', presumed: '0' });
    expect(codes).toEqual(['warn WEAK_EVIDENCE']);
    expect(plan(standby({ furthest: 50n }))).toMatchObject({
      row: { evidence: 'rows', evidenceAge: '0', primaryNext: '51', target: '151' },
      codes: ['warn WEAK_EVIDENCE'],
    });
  });

  it('is blocked, by name, where nothing says where the primary stood', () => {
    const { row, findings } = plan(standby());
    expect(row).toMatchObject({ outcome: 'failed', target: null });
    expect(findings).toMatchObject([
      {
        severity: 'block',
        code: 'NO_EVIDENCE',
        sequence: 'public.s',
        remedy: expect.stringContaining("setval('public.s'") as string,
      },
    ]);
  });

  it('names the missing privileges and the missing evidence at once', () => {
    const problem = {
      code: 'NO_READ_PRIVILEGE',
      reason: 'permission denied',
      remedy: 'GRANT SELECT',
    } as const;
    const grantsToSet = 'GRANT SELECT, UPDATE ON SEQUENCE public.s TO r;';
    const unread = plan(standby({ reading: { problem }, grantsToSet }));
    expect(unread.codes).toEqual(['block NO_READ_PRIVILEGE', 'block NO_EVIDENCE']);
    expect(unread.findings.map(({ remedy }) => remedy)).toEqual([
      expect.stringContaining(grantsToSet),
      expect.stringContaining("SELECT setval('public.s', greatest(<last value>, last_value)) FROM public.s;"),
    ]);
    expect(plan(standby({ grantsToSet })).codes).toEqual(['block NO_UPDATE_PRIVILEGE', 'block NO_EVIDENCE']);
    // What the ledger knows is evidence without a position.
    const known = standby({ reading: { problem }, grantsToSet, unlogged: true });
    expect(plan(known, measured).codes).toEqual(['block NO_READ_PRIVILEGE', 'block UNLOGGED']);
    const dataNotChecked = { reason: 'permission denied for table t', remedy: 'GRANT SELECT ON t TO r;' };
    const { codes, findings } = plan(standby({ dataNotChecked }));
    expect(codes).toEqual(['warn DATA_NOT_CHECKED', 'block NO_EVIDENCE']);
    expect(findings[1]?.message).toContain('the rows on the standby were not checked');
  });

  it('leaves alone what the ledger knows as the standby’s own', () => {
    expect(plan(standby(), { isStandbyOnly: true })).toMatchObject({
      row: { outcome: 'skipped', reason: 'only on the standby' },
      codes: [],
    });
    expect(plan(standby({ furthest: 5n }), { isStandbyOnly: true }).codes).toEqual([
      'warn SKIPPED_BEHIND_DATA',
    ]);
  });

  it('adds no second buffer to where a run has put it', () => {
    const position = { lastValue: 3_300n, isCalled: false };
    const own = { primaryNext: 3_200n, standbyNext: 3_300n };
    const still = standby({ reading: { position } });
    expect(plan(still, { own, readings: measured.readings.slice(1) }).row).toMatchObject({
      ...{ outcome: 'kept', target: '3300', evidence: 'standby', primaryNext: '3200' },
    });
    // Somebody else has moved it since.
    const moved = standby({ reading: { position: { lastValue: 3_400n, isCalled: false } } });
    expect(plan(moved, { own }).row).toMatchObject({ outcome: 'applied', target: '3500' });
  });

  it('passes rows of a load that has risen since the readings', () => {
    expect(plan(standby({ furthest: 900_000n }), measured)).toMatchObject({
      row: { outcome: 'applied', primaryNext: '900001', target: '900101', evidence: 'rows' },
      codes: [],
    });
  });

  it('asks a person about a row that no load explains, and does as that person says', () => {
    const sentinel = standby({ furthest: 2_147_483_647n });
    expect(plan(sentinel, measured)).toMatchObject({
      row: { outcome: 'failed', primaryNext: '3200', buffer: '100' },
      codes: ['block OUTLIER_DATA'],
    });
    const decided = (rows: 'ignore' | 'raise') => ({
      decidedRows: [{ sequence: 'public.s', rows, by: 'alice' }],
    });
    const ahead = {
      from: 3300n,
      first: 2_147_483_647n,
      unique: true,
      uniqueAlone: true,
      primaryNextTaken: false,
    };
    expect(plan({ ...sentinel, ahead }, measured, decided('ignore')).row).toMatchObject({
      outcome: 'applied',
      target: '3300',
    });
    const far = standby({ furthest: 90_000_000n });
    expect(plan(far, measured).codes).toEqual(['block OUTLIER_DATA']);
    expect(plan(far, measured, decided('raise')).row).toMatchObject({
      ...{ outcome: 'applied', primaryNext: '90000001', target: '90000101', evidence: 'rows' },
    });
  });

  it('reports what keeps it from being set', () => {
    expect(plan(standby({ grantsToSet: 'GRANT UPDATE ON SEQUENCE public.s TO r;' }), measured).codes).toEqual(
      ['block NO_UPDATE_PRIVILEGE'],
    );
  });
});

describe('whatever the evidence', () => {
  const value = fc.bigInt(-100_000n, 100_000n);
  const sequence = fc.record({
    increment: fc.bigInt(-20n, 20n).filter((step) => step !== 0n),
    last: value,
    isCalled: fc.boolean(),
    furthest: fc.option(value, { nil: null }),
    readings: fc.array(fc.record({ next: value, at: fc.integer({ min: now - 100 * MINUTE, max: now }) }), {
      maxLength: 3,
    }),
    calls: fc.bigInt(0n, 5_000n),
  });

  it('a target is never behind the standby, the reading or a row that counts, and stays when it is computed again', () => {
    fc.assert(
      fc.property(sequence, ({ increment, last, isCalled, furthest, readings, calls }) => {
        const definition = { increment, min: -(2n ** 63n), max: 2n ** 63n - 1n, cache: 1n, cycle: false };
        const one = standby({
          ...{ definition, furthest, feeds: [{ ...feed, limits: [], type: 'int8' }] },
          reading: { position: { lastValue: last, isCalled } },
        });
        const sorted = [...readings].sort((a, b) => b.at - a.at);
        const buffer = { buffer: { calls: String(calls) } };
        const { row } = plan(one, { readings: sorted }, buffer);
        if (row.outcome === 'failed') return;
        const before = isCalled ? last + increment : last;
        const target = BigInt(row.target ?? '0');
        if (row.outcome === 'applied') expect(atOrBeyond(target, before, increment)).toBe(true);
        const stands = row.outcome === 'applied' ? target : before;
        const latest = sorted[0];
        if (latest !== undefined)
          expect(atOrBeyond(stands, latest.next + calls * increment, increment)).toBe(true);
        if (furthest !== null)
          expect(stands !== furthest && atOrBeyond(stands, furthest, increment)).toBe(true);
        const own = { primaryNext: BigInt(row.primaryNext ?? '0'), standbyNext: stands };
        const set = { ...one, reading: { position: { lastValue: stands, isCalled: false } } };
        expect(plan(set, { readings: sorted, own }, buffer).row).toMatchObject({ outcome: 'kept' });
      }),
    );
  });
});

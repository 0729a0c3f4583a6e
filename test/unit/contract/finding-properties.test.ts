import { describe, expect, it } from 'vitest';
import { FINDINGS } from '../../../src/contract/findings.js';
import type { Finding } from '../../../src/contract/status.js';
import {
  blocksWhenNew,
  clearsItself,
  isRemedyComplete,
  mayClearSoon,
  whyUnacceptable,
} from '../../../src/contract/finding-properties.js';
import { makeFinding } from '../../../src/findings/make-finding.js';

const text = { sequence: null, count: 1, message: 'm', remedy: 'r' };

describe('the type of a finding', () => {
  it('has each code with its severity alone, but for a warning that is new at the gate', () => {
    const findings: Finding[] = [
      { ...text, severity: 'block', code: 'NOT_AHEAD' },
      { ...text, severity: 'block', code: 'CYCLES' },
      { ...text, severity: 'warn', code: 'CYCLES' },
      { ...text, severity: 'info', code: 'CONSUMPTION' },
      // @ts-expect-error a block is no information
      { ...text, severity: 'info', code: 'NOT_AHEAD' },
      // @ts-expect-error a block is no warning
      { ...text, severity: 'warn', code: 'NOT_AHEAD' },
      // @ts-expect-error a warning that leaves the proof whole never blocks
      { ...text, severity: 'block', code: 'CACHED' },
      // @ts-expect-error nobody knows this code
      { ...text, severity: 'block', code: 'LOST' },
    ];
    expect(findings).toHaveLength(8);
  });
});

describe('the catalog of findings', () => {
  it('says what a run makes of a code', () => {
    expect(whyUnacceptable('LOOK_FAILED')).toBe('because nothing could be verified');
    expect(whyUnacceptable('NOT_AHEAD')).toBeNull();
    expect([clearsItself('APPLY_WORKER_DOWN'), clearsItself('NOT_AHEAD')]).toEqual([true, false]);
    expect([isRemedyComplete('OUTLIER_DATA'), isRemedyComplete('NOT_AHEAD')]).toEqual([true, false]);
    expect([
      mayClearSoon('READ_FAILED'),
      mayClearSoon('DATA_NOT_CHECKED'),
      mayClearSoon('NOT_AHEAD'),
    ]).toEqual([...[true, true, false]]);
    expect(blocksWhenNew(makeFinding('SLOT_MISSING', text))).toBe(true);
    expect(blocksWhenNew(makeFinding('CACHED', text))).toBe(false);
    expect(blocksWhenNew(makeFinding('NOT_AHEAD', text))).toBe(false);
  });

  it('takes a code of a newer version for the strictest of its severity that somebody can accept', () => {
    const newer = (severity: string) => ({ ...text, severity, code: 'toString' }) as unknown as Finding;
    expect([blocksWhenNew(newer('warn')), blocksWhenNew(newer('block'))]).toEqual([true, false]);
    expect(whyUnacceptable('toString')).toBeNull();
    expect([clearsItself, isRemedyComplete, mayClearSoon].map((of) => of('toString'))).toEqual([
      false,
      false,
      false,
    ]);
  });

  it('gives a finding its severity', () => {
    for (const [code, { severity }] of Object.entries(FINDINGS))
      expect(makeFinding(code as keyof typeof FINDINGS, text)).toEqual({ ...text, code, severity });
  });
});

import { describe, expect, it } from 'vitest';
import type { Finding } from '../../../src/contract/status.js';
import type { FindingSource, SourcedFindings } from '../../../src/findings/finding-sources.js';
import { RunFindings } from '../../../src/findings/run-findings.js';

const block = (code: Finding['code'], sequence: string | null = 'public.a') =>
  ({ severity: 'block', code, sequence, count: 1, message: code, remedy: 'mend it' }) as Finding;

/** The remedy of the first finding of these sources. */
function remedyOf(found: Partial<Record<FindingSource, Finding[]>>, gated = true): string | undefined {
  const memory: { findings: SourcedFindings } = { findings: {} };
  const findings = new RunFindings(memory, { gated, isNewWarning: () => false });
  for (const [source, some] of Object.entries(found)) findings.replace(source as FindingSource, some);
  return findings.all()[0]?.remedy;
}

describe('the step after a remedy', () => {
  it('is a round where a round has found the block', () => {
    expect(remedyOf({ pages: [block('UNLOGGED')] })).toBe('mend it; then signal resynchronize');
  });

  it('is a recheck where only a recheck of the standby has found it', () => {
    expect(remedyOf({ standby: [block('UNLOGGED')] })).toBe('mend it; then wait for the next recheck');
    // A round has found one of this code, but on another sequence.
    const others = { standby: [block('UNLOGGED')], pages: [block('UNLOGGED', 'public.z')] };
    expect(remedyOf(others)).toBe('mend it; then wait for the next recheck');
    const both = { standby: [block('UNLOGGED')], pages: [block('UNLOGGED')] };
    expect(remedyOf(both)).toBe('mend it; then signal resynchronize');
  });

  it('is a recheck where each recheck looks for it', () => {
    expect(remedyOf({ readiness: [block('APPLY_WORKER_DOWN', null)] })).toBe(
      'mend it; then wait for the next recheck',
    );
  });

  it('is a new run where the run waits for nobody, and none where the remedy is complete', () => {
    expect(remedyOf({ pages: [block('UNLOGGED')] }, false)).toBe('mend it; then start the run again');
    expect(remedyOf({ pages: [block('OUTLIER_DATA')] })).toBe('mend it');
  });
});

import { describe, expect, it } from 'vitest';
import { FINDINGS, type FindingCode } from '../../../src/contract/findings.js';
import { examples } from './examples.js';

const each = Object.entries(examples).map(
  ([code, make]) => [code, make().filter((one) => one !== null)] as const,
);

/** Warnings of a run that are blocks in a promotion, and in a run that hands off to one. */
const BLOCK_BEFORE_PROMOTION: ReadonlySet<string> = new Set<FindingCode>([
  ...(['PREPARED_TRANSACTION', 'NO_SUBSCRIPTION'] as const),
]);

/** What looks like JSON: from a brace before a quote to the brace that closes it. A placeholder counts as a number. */
function jsonIn(remedy: string): string[] {
  // As a shell reads it.
  const text = remedy.replaceAll("'\\''", "'");
  return [...text.matchAll(/\{"/gu)].flatMap(({ index }) => {
    if (/["[{,:] ?$/u.test(text.slice(0, index))) return [];
    let depth = 0;
    for (const { 0: token, index: at } of text.slice(index).matchAll(/"(?:[^"\\]|\\.)*"|[{}]/gu)) {
      if (token === '{') depth += 1;
      if (token === '}') depth -= 1;
      if (depth === 0) return [text.slice(index, index + at + 1).replaceAll('…', '1')];
    }
    return [text.slice(index)];
  });
}

describe.each(each)('a finding %s', (code, findings) => {
  it('has a remedy, and the severity of the catalog', () => {
    expect(findings.length).toBeGreaterThan(0);
    for (const finding of findings) {
      expect(finding.code).toBe(code);
      expect(finding.remedy.trim()).not.toBe('');
      expect(finding.message.trim()).not.toBe('');
      if (Object.hasOwn(FINDINGS, code) && !BLOCK_BEFORE_PROMOTION.has(code))
        expect(finding.severity).toBe(FINDINGS[code as FindingCode].severity);
      // Left over from a text in general, or from a value that is not known.
      expect(finding.remedy).not.toMatch(/undefined|null,|\[object|NaN|<sequence>|<schema>/u);
    }
  });

  it('has valid JSON in its remedy, where there is any', () => {
    for (const { remedy } of findings)
      for (const json of jsonIn(remedy)) expect(() => JSON.parse(json) as unknown, json).not.toThrow();
  });
});

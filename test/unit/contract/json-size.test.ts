import fc from 'fast-check';
import { expect, it } from 'vitest';
import { foldFindings, fittingFindings } from '../../../src/findings/fold-findings.js';
import { cutJson, jsonBytes } from '../../../src/contract/parsing/json-size.js';
import type { Finding } from '../../../src/contract/status.js';

it('measures bytes as they travel', () => {
  expect(jsonBytes('a')).toBe(3);
  expect(jsonBytes('é')).toBe(4);
  expect(jsonBytes('\u0001')).toBe(8);
  expect(jsonBytes({ a: ['🐘'] })).toBe(Buffer.byteLength('{"a":["🐘"]}'));
});

it('cuts a text to what fits, and no more', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.integer({ min: 10, max: 200 }),
      (text, max) => {
        const short = cutJson(text, max);
        expect(jsonBytes(short)).toBeLessThanOrEqual(max);
        if (jsonBytes(text) <= max) expect(short).toBe(text);
        else expect(short.endsWith('…') && text.startsWith(short.slice(0, -1))).toBe(true);
      },
    ),
  );
});

it('keeps findings within a payload, whatever the names, and says how many there are', () => {
  const name = (index: number) => `"${'\u0001'.repeat(122)}${index}"`;
  const findings = Array.from({ length: 200 }, (_, index): Finding => ({
    severity: 'block',
    code: index % 2 === 0 ? 'MISSING_ON_STANDBY' : 'NOT_AHEAD',
    sequence: name(index),
    count: 1,
    message: `${name(index)} is missing`,
    remedy: `CREATE SEQUENCE ${name(index)}`,
  }));
  expect(jsonBytes(foldFindings(findings))).toBeGreaterThan(300_000);
  const fitting = fittingFindings(findings);
  expect(jsonBytes(fitting)).toBeLessThanOrEqual(300_000);
  expect(fitting.reduce((sum, { count }) => sum + count, 0)).toBe(200);
  const few = findings.slice(0, 10);
  expect(fittingFindings(few)).toEqual(foldFindings(few));
});

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { type FindingEntry, FINDINGS } from '../../../src/contract/findings.js';

const file = path.resolve(import.meta.dirname, '../../../docs/reference/findings.md');
const page = readFileSync(file, 'utf8');

interface Entry {
  /** The heading of the part of the page. */
  part: string;
  codes: string[];
  text: string;
}

/** What the page says of each code under a heading of its own, and in the rows of its tables whose first cell has codes. */
function entries(): Entry[] {
  const found: Entry[] = [];
  let part = '';
  let under: Entry | null = null;
  for (const line of page.split('\n')) {
    const [, level = '', heading = ''] = /^(#+) (.*)$/.exec(line) ?? [];
    if (level !== '') under = null;
    if (level === '##') part = heading;
    if (level === '###') found.push((under = { part, codes: [heading], text: '' }));
    else if (under !== null) under.text += `${line}\n`;
    const codes = [...(/^\|([^|]*)\|/.exec(line)?.[1] ?? '').matchAll(/`([A-Z_]+)`/g)].map(
      ([, code = '']) => code,
    );
    if (codes.length > 0) found.push({ part, codes, text: line });
  }
  return found;
}

const isAcceptable = (entry: FindingEntry) => entry.severity === 'block' && entry.unacceptable === undefined;
const isCleared = (entry: FindingEntry) => entry.severity === 'block' && entry.clearsItself === true;
const catalog: [string, FindingEntry][] = Object.entries(FINDINGS);
const codesWhere = (wanted: (entry: FindingEntry) => boolean) =>
  catalog.flatMap(([code, entry]) => (wanted(entry) ? [code] : [])).sort();

const WHEN_NEW = 'New warnings';
const parts: Record<string, (entry: FindingEntry) => boolean> = {
  'Blocks, about a sequence': ({ severity, scope }) => severity === 'block' && scope === 'sequence',
  'Blocks, about the run': ({ severity, scope }) =>
    severity === 'block' && (scope === 'pair' || scope === 'run'),
  'Of a fleet': ({ scope }) => scope === 'fleet',
  Warnings: ({ severity }) => severity === 'warn',
  'Warnings that block a promotion': (entry) => entry.severity === 'warn' && entry.blocksPromotion === true,
  [WHEN_NEW]: (entry) => entry.severity === 'warn' && !entry.blocksWhenNew,
  Information: ({ severity, scope }) => severity === 'info' && scope !== 'fleet',
};

describe('docs/reference/findings.md', () => {
  it.each(Object.entries(parts))('has in the part "%s" the codes that belong there', (name, wanted) => {
    const codes = entries().flatMap(({ part, codes }) => (part === name ? codes : []));
    expect(codes.sort()).toEqual(codesWhere(wanted));
  });

  it('has no other part with codes', () => {
    expect([...new Set(entries().map(({ part }) => part))].sort()).toEqual(Object.keys(parts).sort());
  });

  it('links to each code at its beginning', () => {
    const linked = [...page.matchAll(/\[([A-Z_]+)\]\(#([a-z_]+)\)/g)];
    expect(linked.map(([, code = '']) => code).sort()).toEqual(catalog.map(([code]) => code).sort());
    for (const [, code = '', anchor] of linked) expect(anchor).toBe(code.toLowerCase());
  });

  it('says of each block about the run whether it can be accepted, and whether it clears itself', () => {
    const said = entries().filter(({ part }) => part === 'Blocks, about the run');
    const yes = (what: string) =>
      said.flatMap(({ codes, text }) => (text.includes(`${what}: yes.`) ? codes : [])).sort();
    const ofTheRun = parts['Blocks, about the run'] ?? (() => false);
    expect(yes('Can be accepted')).toEqual(codesWhere((entry) => ofTheRun(entry) && isAcceptable(entry)));
    expect(yes('Clears itself')).toEqual(codesWhere((entry) => ofTheRun(entry) && isCleared(entry)));
  });

  it('need not say so of the others: all can be accepted, and none clears itself', () => {
    const others = parts['Blocks, about a sequence'] ?? (() => false);
    expect(codesWhere((entry) => others(entry) && (!isAcceptable(entry) || isCleared(entry)))).toEqual([]);
  });

  it('says the severity of each finding of a fleet', () => {
    for (const { codes, text } of entries().filter(({ part }) => part === 'Of a fleet')) {
      const severity = /Severity: (\w+)\./.exec(text)?.[1];
      expect(codesWhere((entry) => entry.severity === severity)).toEqual(expect.arrayContaining(codes));
    }
  });

  it('names what is verified again because it may pass', () => {
    const [, sentence = ''] = /after an approval finds only ([^.]*?), for example/.exec(page) ?? [];
    expect([...sentence.matchAll(/`([A-Z_]+)`/g)].map(([, code]) => code).sort()).toEqual(
      codesWhere((entry) => entry.severity !== 'info' && entry.mayClearSoon === true),
    );
  });
});

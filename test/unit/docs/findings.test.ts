import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { type FindingEntry, FINDINGS } from '../../../src/contract/findings.js';

const file = path.resolve(import.meta.dirname, '../../../docs/reference/findings.md');
const page = readFileSync(file, 'utf8');

interface Row {
  heading: string;
  codes: string[];
  /** By the table's own headings. */
  cells: Record<string, string>;
}

/** Rows of the tables of the page whose first cell is a code, or several. */
function rows(): Row[] {
  const found: Row[] = [];
  let heading = '';
  let names: string[] | null = null;
  for (const line of page.split('\n')) {
    if (/^#+ /.test(line)) heading = line.replace(/^#+ /, '');
    if (!line.startsWith('|')) {
      names = null;
      continue;
    }
    const cells = line
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim());
    if (names === null) {
      names = cells;
      continue;
    }
    const codes = [...(cells[0] ?? '').matchAll(/`([A-Z_]+)`/g)].map(([, code = '']) => code);
    const byName = Object.fromEntries(names.map((name, at) => [name, cells[at] ?? '']));
    if (codes.length > 0) found.push({ heading, codes, cells: byName });
  }
  return found;
}

const isAcceptable = (entry: FindingEntry) => entry.severity === 'block' && entry.unacceptable === undefined;
const isCleared = (entry: FindingEntry) => entry.severity === 'block' && entry.clearsItself === true;
const catalog: [string, FindingEntry][] = Object.entries(FINDINGS);
const codesWhere = (wanted: (entry: FindingEntry) => boolean) =>
  catalog.flatMap(([code, entry]) => (wanted(entry) ? [code] : [])).sort();

const WHEN_NEW = 'New warnings';
const tables: Record<string, (entry: FindingEntry) => boolean> = {
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
  it.each(Object.entries(tables))('has in the table "%s" the codes that belong there', (heading, wanted) => {
    const codes = rows().flatMap((row) => (row.heading === heading ? row.codes : []));
    expect(codes.sort()).toEqual(codesWhere(wanted));
  });

  it('has no other table of codes', () => {
    expect([...new Set(rows().map(({ heading }) => heading))].sort()).toEqual(Object.keys(tables).sort());
  });

  it('says of each block about the run whether it can be accepted, and whether it clears itself', () => {
    const said = rows().filter(({ heading }) => heading === 'Blocks, about the run');
    const yes = (column: string) =>
      said.flatMap(({ codes, cells }) => (cells[column] === 'yes' ? codes : [])).sort();
    const ofTheRun = tables['Blocks, about the run'] ?? (() => false);
    expect(yes('can be accepted')).toEqual(codesWhere((entry) => ofTheRun(entry) && isAcceptable(entry)));
    expect(yes('clears itself')).toEqual(codesWhere((entry) => ofTheRun(entry) && isCleared(entry)));
  });

  it('need not say so of the others: all can be accepted, and none clears itself', () => {
    const others = tables['Blocks, about a sequence'] ?? (() => false);
    expect(codesWhere((entry) => others(entry) && (!isAcceptable(entry) || isCleared(entry)))).toEqual([]);
  });

  it('says the severity of each finding of a fleet', () => {
    for (const { codes, cells } of rows().filter(({ heading }) => heading === 'Of a fleet'))
      expect(codesWhere(({ severity }) => severity === cells['severity'])).toEqual(
        expect.arrayContaining(codes),
      );
  });

  it('names what is verified again because it may pass', () => {
    const [, sentence = ''] = /after an approval finds only ([^.]*?), for example/.exec(page) ?? [];
    expect([...sentence.matchAll(/`([A-Z_]+)`/g)].map(([, code]) => code).sort()).toEqual(
      codesWhere((entry) => entry.severity !== 'info' && entry.mayPass === true),
    );
  });
});

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';

const root = path.resolve(import.meta.dirname, '../../..');
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');

/** The codes that a type of the contract allows. */
function codesOf(type: string): string[] {
  const [, union = ''] =
    new RegExp(`export type ${type} =([^;]*);`).exec(read('src/contract/status.ts')) ?? [];
  return [...union.matchAll(/'([A-Z_]+)'/g)].map(([, code = '']) => code);
}

it('docs/reference/findings.md has a row for each code, and for no other', () => {
  const codes = ['BlockCode', 'WarningCode', 'InfoCode'].flatMap(codesOf);
  const page = read('docs/reference/findings.md');
  const rows = [...page.matchAll(/^\| ((?:`[A-Z_]+`(?:, )?)+) +\|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/[A-Z_]+/g)].map(([code]) => code),
  );
  expect(codes.length).toBeGreaterThan(30);
  expect([...new Set(rows)].sort()).toEqual([...codes].sort());
});

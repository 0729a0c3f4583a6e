import { expect, it } from 'vitest';
import { blocksOf, readPage } from '../../pages/page.js';

/** Numbers and what pads them are another in each run. */
const anyNumbers = (line: string) => line.replaceAll(/-?\d+/gu, '0').replaceAll(/ +/gu, ' ');

it('what the README shows of the demo is in docs/demo.txt, whose runs differ in their numbers alone', () => {
  const shown = blocksOf('README.md').find(({ text }) => text.startsWith('│  standby> INSERT'))?.text ?? '';
  const demo = new Set(readPage('docs/demo.txt').split('\n').map(anyNumbers));
  const lines = shown.split('\n').filter((line) => line !== '' && line !== '…');
  expect(lines.length).toBeGreaterThan(10);
  expect(lines.filter((line) => !demo.has(anyNumbers(line)))).toEqual([]);
});

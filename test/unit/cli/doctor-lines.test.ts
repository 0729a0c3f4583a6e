import pc from 'picocolors';
import { expect, it } from 'vitest';
import { failure, ok, printed, warning } from '../../../src/cli/doctor/line.js';

it('fits into 80 columns, but for a remedy, which can be copied', () => {
  const remedy = `temporal operator search-attribute remove --name ${'x'.repeat(60)} --yes`;
  const lines = printed(
    [
      ok('configuration', `3 pairs: ${'orders-of-the-region '.repeat(5).trim()}`),
      warning('search attributes', '6 of 6 are not registered: runs cannot be searched for by them', remedy),
      failure('namespace', 'there is none', ''),
    ],
    { colors: pc.createColors(false), width: 80 },
  );
  expect(lines).toEqual([
    'ok       configuration      3 pairs: orders-of-the-region orders-of-the-region',
    '                            orders-of-the-region orders-of-the-region',
    '                            orders-of-the-region',
    'warning  search attributes  6 of 6 are not registered: runs cannot be searched',
    '                            for by them',
    `         → ${remedy}`,
    'failure  namespace          there is none',
  ]);
});

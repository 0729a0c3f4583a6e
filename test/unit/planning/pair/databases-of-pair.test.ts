import { expect, it } from 'vitest';
import { chooseDatabases } from '../../../../src/planning/pair/databases-of-pair.js';

const own = { primary: 'app', standby: 'app' };

it('chooses the databases of both sides, the pair itself for its own', () => {
  const lists = { primary: ['app', 'b', 'postgres'], standby: ['app', 'b', 'postgres'], own };
  expect(chooseDatabases(lists, ['*'], ['post*'])).toEqual({ own: true, databases: ['b'], findings: [] });
  // Such a fleet would complete without having done anything.
  expect(chooseDatabases(lists, ['*'], ['*']).findings).toMatchObject([
    { severity: 'block', code: 'PATTERN_UNMATCHED' },
  ]);
  expect(chooseDatabases(lists, ['b'], [])).toEqual({ own: false, databases: ['b'], findings: [] });
});

it('finds what is on one side only, and a pattern that matches nothing', () => {
  const lists = { primary: ['app', 'left'], standby: ['app', 'new'], own };
  expect(chooseDatabases(lists, ['*', 'x_*'], [])).toMatchObject({
    own: true,
    databases: [],
    findings: [
      {
        severity: 'block',
        code: 'DATABASE_MISSING_ON_STANDBY',
        message: expect.stringContaining('"left"') as string,
      },
      { severity: 'block', code: 'PATTERN_UNMATCHED', message: expect.stringContaining('"x_*"') as string },
      {
        severity: 'info',
        code: 'DATABASE_ONLY_ON_STANDBY',
        message: expect.stringContaining('"new"') as string,
      },
    ],
  });
  expect(chooseDatabases(lists, ['*'], ['left']).findings).toMatchObject([
    { code: 'DATABASE_ONLY_ON_STANDBY' },
  ]);
});

it('knows the pair’s own database under two names', () => {
  const lists = { primary: ['old'], standby: ['new'], own: { primary: 'old', standby: 'new' } };
  expect(chooseDatabases(lists, ['*'], [])).toEqual({ own: true, databases: [], findings: [] });
});

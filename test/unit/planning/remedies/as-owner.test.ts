import { expect, it } from 'vitest';
import { obstacleRemedy } from '../../../../src/planning/remedies/as-owner.js';

const onStandby = (remedy: string) => `on the standby, as the owner or a superuser: ${remedy}`;

it.each([
  ['GRANT SELECT ON SEQUENCE a TO r;', 'statements', onStandby('GRANT SELECT ON SEQUENCE a TO r;')],
  ['SELECT is what the role lacks', 'advice', 'SELECT is what the role lacks'],
] as const)('a remedy has a side and a role if it is statements: %s', (remedy, remedyIs, expected) => {
  expect(obstacleRemedy('standby', { remedy, remedyIs })).toBe(expected);
});

it.each([
  ['DO $$ BEGIN END $$;', onStandby('DO $$ BEGIN END $$;')],
  ['compare them yourself', 'compare them yourself'],
])('a remedy of an older worker is told by its first word: %s', (remedy, expected) => {
  expect(obstacleRemedy('standby', { remedy })).toBe(expected);
});
